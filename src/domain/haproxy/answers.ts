/** A server as the running worker has it. */
export interface RunningServer {
  backend: string
  name: string
  address: string
  port: number
  weight: number
  /** Administratively down: what is left of a removed server until the next reload. */
  maintenance: boolean
  /** In drain by the hand of somebody else than yard, which drains by weight. */
  draining: boolean
  /** HAProxy sends it requests as far as its health goes. */
  healthy: boolean
}

export interface RunningWorker {
  pid: number
  generation: string
}

export interface MasterStatus {
  /** How often the present master process was reloaded, and how many of the last ones went wrong in a row. */
  reloads: number
  failed: number
  /** The worker that takes new connections; undefined while there is none. */
  worker: number | undefined
  /** Workers that finish what they have, oldest first. */
  oldWorkers: number[]
}

const anyMaintenance = 0x01 | 0x02 | 0x04 | 0x20 | 0x40
const anyDrain = 0x08 | 0x10
/** `srv_op_state`: 0 stopped, 1 starting (slowly, with requests), 2 running, 3 stopping. */
const working = [1, 2]

/** Reads `show info`; undefined when the answer isn't one. */
export function parseWorker(answer: string): RunningWorker | undefined {
  const pid = /^Pid: (\d+)$/m.exec(answer)?.[1]
  if (pid === undefined) return undefined
  return {pid: Number(pid), generation: /^description: (.*)$/m.exec(answer)?.[1]?.trim() ?? ''}
}

/** Reads `show servers state`, by the names in its heading; lines that don't fit are left out. */
export function parseServersState(answer: string): RunningServer[] {
  const lines = answer.split('\n')
  const heading = lines.find((line) => line.startsWith('# be_id '))
  if (heading === undefined) return []
  const columns = heading.slice(2).split(' ')
  return lines
    .map((line) => line.split(' '))
    .filter((values) => /^\d+$/.test(values[0] ?? '') && values.length === columns.length)
    .map((values) => rowOf(columns, values))
    .flatMap((row) => {
      const server = runningServer(row)
      return server === undefined ? [] : [server]
    })
}

/** Reads `show proc` of the master socket; undefined when the answer isn't one. */
export function parseMaster(answer: string): MasterStatus | undefined {
  const line = /^\d+\s+master\s+(\d+)(?:\s+\[failed: (\d+)\])?/m.exec(answer)
  if (line === null) return undefined
  const workers = [...answer.matchAll(/^(\d+)\s+worker\s+(\d+)\s/gm)]
    .map(([, pid, reloads]) => ({pid: Number(pid), reloads: Number(reloads)}))
    .sort((one, other) => other.reloads - one.reloads)
  return {
    reloads: Number(line[1]),
    failed: Number(line[2] ?? 0),
    worker: workers.find(({reloads}) => reloads === 0)?.pid,
    oldWorkers: workers.filter(({reloads}) => reloads > 0).map(({pid}) => pid),
  }
}

/** What `haproxy -c` objects to: its first alert, without who says it when; undefined when it holds none. */
export function objectionIn(output: string): string | undefined {
  const alert = output.split('\n').find((line) => line.startsWith('[ALERT]'))
  return alert?.replace(/^\[ALERT\]\s+(\S+ )?\(\d+\) : /, '').slice(0, 500)
}

/**
 * The lines of an answer, given with `set severity-output number`, that aren't a success. An answer that came by way of the
 * master has no severities.
 */
export function complaintsOf(answer: string): string[] {
  return answer
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(\[[5-7]\]: )?(New server registered|Server deleted)\.$/.test(line))
}

function runningServer(row: ReadonlyMap<string, string>): RunningServer | undefined {
  const [backend, name, address] = ['be_name', 'srv_name', 'srv_addr'].map((column) => row.get(column))
  const [port, weight, admin, state] = ['srv_port', 'srv_uweight', 'srv_admin_state', 'srv_op_state'].map(
    (column) => Number(row.get(column)),
  )
  if (backend === undefined || name === undefined || address === undefined) return undefined
  if (port === undefined || weight === undefined || admin === undefined || state === undefined)
    return undefined
  if ([port, weight, admin, state].some((value) => !Number.isInteger(value))) return undefined
  return {
    ...{backend, name, address, port, weight},
    maintenance: (admin & anyMaintenance) !== 0,
    draining: (admin & anyDrain) !== 0,
    healthy: working.includes(state),
  }
}

function rowOf(columns: string[], values: string[]): Map<string, string> {
  return new Map(columns.map((column, index) => [column, values[index] ?? '']))
}
