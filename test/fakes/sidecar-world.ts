import {type YardEvent} from '../../src/contracts/report.js'
import {runSidecar, type SidecarRequest, type SidecarRunReport} from '../../src/lifecycle/sidecar/run.js'
import {ManualClock} from './clock.js'
import {ScriptedCatalog} from './followed-catalog.js'
import {FakeHostRouter} from './host-router.js'
import {FakeBoard, FakeDoors, FakeNotifier} from './sidecar.js'

/** A sidecar among fakes. */
export class SidecarWorld {
  readonly clock = new ManualClock()
  readonly router = new FakeHostRouter()
  readonly board = new FakeBoard()
  readonly door = new FakeDoors()
  readonly notifier = new FakeNotifier(30_000)
  readonly events: YardEvent[] = []
  readonly ready: SidecarRunReport[] = []
  readonly stop = new AbortController()
  readonly steps: string[] = []
  running: Promise<unknown> = Promise.resolve()

  constructor(readonly followed = new ScriptedCatalog()) {}

  run(request: Partial<SidecarRequest> = {}): Promise<SidecarRunReport> {
    const {board, clock, door, followed, notifier, router} = this
    const run = runSidecar(
      {
        ...{board, clock, door, followed, notifier, router},
        signal: this.stop.signal,
        report: (event) => void this.events.push(event),
        failpoint: async (step, moment) => void this.steps.push(`${step}:${moment}`),
      },
      {environment: 'staging', host: 'web-1', pid: 42, version: '0.1.0', ...request},
      (report) => this.ready.push(report),
    )
    this.running = run.catch(() => undefined)
    return run
  }

  async begin(request: Partial<SidecarRequest> = {}): Promise<void> {
    void this.run(request).catch(() => undefined)
    await this.clock.advance(0)
  }

  status(port = 7_072): {
    agent: Record<string, unknown> & {sidecar: Record<string, unknown>}
    millisBehind: number
  } {
    return this.door.pages.get(port)?.status() as ReturnType<SidecarWorld['status']>
  }

  metrics(port = 7_072): string {
    return this.door.pages.get(port)?.metrics() ?? ''
  }

  async end(): Promise<void> {
    this.stop.abort(new Error('stopped'))
    await this.clock.advance(5_000)
    await this.running
  }
}
