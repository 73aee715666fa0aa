import {type InstanceStatus} from '../../domain/instance.js'

/** What systemd says of one unit. */
export interface UnitState {
  /** Without the host: `billing-r42.worker`. */
  id: string
  active: string
  sub: string
  pid: number
  restarts: number
  /** Milliseconds by the clock of this machine. */
  since: number
  result: string
  /** `exited:1`, `killed:KILL`: the last time it ended; undefined when it never did. */
  exit: string | undefined
  port: number | undefined
  /** Whether who listens on its port belongs to it; undefined where nobody looked. */
  ownsPort: boolean | undefined
  /** Told only by who was asked for it. */
  memoryBytes?: number
}

const statePattern = new RegExp(
  [
    String.raw`^state ([a-z0-9.-]{1,110}) active=([a-z-]{1,30}) sub=([a-z0-9-]{1,30}) pid=(\d{1,10})`,
    String.raw`restarts=(\d{1,9}) since=(\d{1,18}) result=([a-z-]{1,30}) exit=(-|[a-z]{1,10}:[A-Z0-9-]{1,20})`,
    String.raw`port=(-|\d{1,5}) owns=([01n-])$`,
  ].join(' '),
)

/** Units of one look are at most a few; more lines than this are not from yard. */
const maxUnits = 10_000

/** Puts lines together to what is known of a host. A line that isn't one of them is passed over. */
export class StateReader {
  private next: {state: Omit<UnitState, 'since'>; sinceUptimeMillis: number}[] | undefined

  /** All states once they are complete; `'same'` when nothing has changed; undefined in the middle. */
  read(line: string, now: number): ReadonlyMap<string, UnitState> | 'same' | undefined {
    if (line === 'states') {
      this.next = []
      return undefined
    }
    const [, up] = /^seen (\d{1,12}(?:\.\d{1,3})?)$/.exec(line) ?? []
    if (up !== undefined) return this.complete(now - Number(up) * 1000)
    const [, unit, kilobytes] = /^memory ([a-z0-9.-]{1,110}) (\d{1,12})$/.exec(line) ?? []
    const told = this.next?.find(({state: {id}}) => id === unit)
    if (told !== undefined && Number(kilobytes) > 0) told.state.memoryBytes = Number(kilobytes) * 1024
    const state = this.next !== undefined && this.next.length < maxUnits ? parseState(line) : undefined
    if (state !== undefined) this.next?.push(state)
    return undefined
  }

  private complete(bootedAt: number): ReadonlyMap<string, UnitState> | 'same' {
    const found = this.next
    this.next = undefined
    if (found === undefined) return 'same'
    return new Map(
      found.map(({sinceUptimeMillis, state}) => [
        state.id,
        {...state, since: Math.round(bootedAt + sinceUptimeMillis)},
      ]),
    )
  }
}

/** What the lifecycle calls the status of an instance. */
export function statusOf(id: string, unit: UnitState, now: number): InstanceStatus {
  const {active, memoryBytes, pid, restarts, since, sub} = unit
  const isBackingOff = active === 'activating' && sub.startsWith('auto-restart')
  const isRunning = ['active', 'activating', 'deactivating', 'reloading'].includes(active) && !isBackingOff
  const lastExit = lastExitOf(unit)
  return {
    v: 1,
    id,
    running: isBackingOff ? 'backing-off' : isRunning ? 'running' : 'stopped',
    ...(isRunning && pid > 0 && {pid}),
    ...(isRunning && memoryBytes !== undefined && {memoryBytes}),
    since: new Date(Math.min(since, now)).toISOString(),
    restarts,
    ...(lastExit !== undefined && {lastExit}),
  }
}

/** `exit 1`, `SIGSEGV`, or why systemd ended it. */
export function endInWords(result: string, exit: string | undefined): string | undefined {
  const [kind = '', status = ''] = exit?.split(':') ?? []
  const how = kind === 'exited' ? `exit ${status}` : /^[A-Z]/.test(status) ? `SIG${status}` : undefined
  if (result === 'oom-kill') return `${how ?? 'SIGKILL'}, it took more memory than it may`
  if (result === 'timeout') return `${how ?? 'SIGKILL'}, it did not end in time`
  return how ?? (result === 'success' ? undefined : result)
}

function lastExitOf({active, exit, result}: UnitState): string | undefined {
  // systemd knows already that it ended, and what was told of that is being written.
  if (active === 'deactivating' && exit === undefined) return undefined
  return endInWords(result, exit)
}

function parseState(line: string): {state: Omit<UnitState, 'since'>; sinceUptimeMillis: number} | undefined {
  const match = statePattern.exec(line)
  if (match === null) return undefined
  const [, id = '', active = '', sub = '', pid, restarts, since, result = '', exit, port, owns] = match
  const state = {
    id,
    active,
    sub,
    pid: Number(pid),
    restarts: Number(restarts),
    result,
    exit: exit === '-' ? undefined : exit,
    port: port === '-' ? undefined : Number(port),
    ownsPort: owns === '-' ? undefined : owns === '1',
  }
  return {state, sinceUptimeMillis: Number(since) / 1000}
}
