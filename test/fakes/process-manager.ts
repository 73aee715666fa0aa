import {
  type ManagedProcess,
  type ProcessManager,
  type ProcessSpec,
  type StopOutcome,
} from '../../src/contracts/process-manager.js'

/** Processes that run in name only. */
export class FakeProcessManager implements ProcessManager {
  readonly specs = new Map<string, ProcessSpec>()
  readonly states = new Map<string, ManagedProcess>()
  readonly starts: string[] = []
  readonly stops: string[] = []
  lines: string[] = []
  outcome: StopOutcome = 'terminated'
  private nextPid = 100

  async start(spec: ProcessSpec): Promise<void> {
    const present = this.states.get(spec.id)
    if (present !== undefined && present.state !== 'stopped') return
    await spec.secrets?.()
    this.starts.push(spec.id)
    this.specs.set(spec.id, spec)
    const since = new Date().toISOString()
    this.states.set(spec.id, {id: spec.id, state: 'running', pid: this.nextPid++, since, restarts: 0})
  }

  async stop(id: string): Promise<StopOutcome> {
    if (!this.states.delete(id)) return 'not-running'
    this.stops.push(id)
    return this.outcome
  }

  async list(): Promise<ManagedProcess[]> {
    return [...this.states.values()]
  }

  async ownsPort(): Promise<boolean | undefined> {
    return true
  }

  async lastLines(): Promise<string[]> {
    return this.lines
  }
}
