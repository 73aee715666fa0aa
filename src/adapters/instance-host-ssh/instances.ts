import {type RunResult} from '../../contracts/command-runner.js'
import {
  type HostFence,
  type InstanceSpec,
  type OneOffRequest,
  type StopRequest,
} from '../../contracts/instance-host.js'
import {type StopOutcome} from '../../contracts/process-manager.js'
import {type RemoteShell} from '../../contracts/remote-shell.js'
import {unitId} from '../../domain/host-unit.js'
import {type InstanceStatus} from '../../domain/instance.js'
import {credentialOf} from './credentials.js'
import {askHost} from './instances-program.js'
import {runOneOff} from './one-off.js'
import {StateReader, statusOf, type UnitState} from './units-states.js'
import {StateWatch} from './watch.js'

/** Without a stream of states: how long an answer is good for. */
const answerMillis = 1_000
const askMillis = 20_000
/** For systemd, and for another change of the service that is under way. */
const stopPatienceMillis = 150_000
/** The program takes 95 words after the four that it begins with. */
const stopAtOnce = 90

/** Instances of services on one host: units of systemd there, which outlive this program and the connection. */
export class HostInstances {
  private watch: StateWatch | undefined
  private answer: {at: number; states: Promise<ReadonlyMap<string, UnitState>>} | undefined

  constructor(private readonly shell: RemoteShell) {}

  /**
   * Starts those that don't run; from then on their states are told of by the same channel.
   * @throws YardError E_FENCED, E_HOST_SETUP, E_HOST_UNREACHABLE, E_STEP_FAILED
   */
  async start(instances: readonly InstanceSpec[], fence: HostFence): Promise<void> {
    const parts = await Promise.all(instances.map(partsOf))
    const args = ['start', fence.environment, fence.service, String(fence.number), this.shell.host]
    const next = await StateWatch.start(this.shell, args, [...parts.flat(), Buffer.from('end\n')])
    const before = this.watch
    this.watch = next
    await before?.close()
  }

  /** @throws YardError E_HOST_UNREACHABLE, E_HOST_SETUP */
  async statuses(ids: readonly string[]): Promise<ReadonlyMap<string, InstanceStatus>> {
    const states = await this.states()
    const now = Date.now()
    return new Map(
      ids.flatMap((id) => {
        const unit = states.get(idHere(id))
        return unit === undefined ? [] : [[id, statusOf(id, unit, now)]]
      }),
    )
  }

  async ownsPort(id: string, port: number): Promise<boolean | undefined> {
    const unit = (await this.states()).get(idHere(id))
    return unit === undefined ? false : unit.port === port ? unit.ownsPort : undefined
  }

  async lastLines(id: string, count: number): Promise<string[]> {
    const lines = String(Math.min(Math.max(Math.trunc(count), 1), 99_999))
    const output = await askHost(this.shell, 'read the lines of', ['lines', idHere(id), lines], askMillis)
    return output === '' ? [] : output.replace(/\n$/, '').split('\n')
  }

  /**
   * Returns how each ended, when nothing of them is left.
   * @throws YardError E_FENCED, E_HOST_SETUP, E_HOST_UNREACHABLE, E_STEP_FAILED
   */
  async stop({fence, graceMillis, ids, onKilled}: StopRequest): Promise<ReadonlyMap<string, StopOutcome>> {
    const outcomes = new Map<string, StopOutcome>()
    const byUnit = new Map(ids.map((id) => [idHere(id), id]))
    const units = [...byUnit.keys()]
    const grace = Math.max(0, Math.trunc(graceMillis))
    const words = ['stop', fence.environment, fence.service, String(fence.number), String(grace)]
    for (let at = 0; at < units.length; at += stopAtOnce) {
      const args = [...words, ...units.slice(at, at + stopAtOnce)]
      const output = await askHost(this.shell, 'stop', args, grace + stopPatienceMillis)
      for (const [, unit = '', outcome = ''] of output.matchAll(/^stopped (\S+) ([a-z-]+)$/gm)) {
        const id = byUnit.get(unit)
        if (id !== undefined && isStopOutcome(outcome)) outcomes.set(id, outcome)
      }
    }
    for (const [id, outcome] of outcomes) if (outcome === 'killed') onKilled?.(id)
    this.answer = undefined
    return outcomes
  }

  runOnce(request: OneOffRequest): Promise<RunResult> {
    return runOneOff(this.shell, idHere(request.instance.id), request)
  }

  /** What runs there goes on. */
  async close(): Promise<void> {
    await this.watch?.close()
    this.watch = undefined
  }

  private async states(): Promise<ReadonlyMap<string, UnitState>> {
    const told = this.watch?.current()
    if (told !== undefined) return told
    const now = Date.now()
    if (this.answer === undefined || now - this.answer.at > answerMillis) {
      this.answer = {at: now, states: this.list()}
    }
    const {answer} = this
    try {
      return await answer.states
    } catch (error) {
      if (this.answer === answer) this.answer = undefined
      throw error
    }
  }

  private async list(): Promise<ReadonlyMap<string, UnitState>> {
    const output = await askHost(this.shell, 'look after', ['list'], askMillis)
    const reader = new StateReader()
    reader.read('states', 0)
    const now = Date.now()
    let states: ReadonlyMap<string, UnitState> = new Map()
    for (const line of output.split('\n')) {
      const read = reader.read(line, now)
      if (read !== undefined && read !== 'same') states = read
    }
    return states
  }
}

async function partsOf(spec: InstanceSpec): Promise<Uint8Array[]> {
  const credential = await credentialOf(spec)
  const {limits, port} = spec
  const numbers = [port ?? '-', limits.memoryBytes ?? '-', limits.tasks ?? '-', Math.trunc(spec.graceMillis)]
  return [Buffer.from(`instance ${idHere(spec.id)} ${numbers.join(' ')} ${credential.length}\n`), credential]
}

function isStopOutcome(value: string): value is StopOutcome {
  return ['not-running', 'terminated', 'killed'].includes(value)
}

/** @throws Error for what is no id: those of records were checked long before */
function idHere(id: string): string {
  const unit = unitId(id)
  if (unit === undefined) throw new Error(`not an instance id: ${JSON.stringify(id.slice(0, 200))}`)
  return unit
}
