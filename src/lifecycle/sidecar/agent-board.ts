import {type Clock} from '../../contracts/clock.js'
import {type Report} from '../../contracts/report.js'
import {type Agent} from '../../domain/instance.js'
import {neutralise} from '../../domain/logs/escapes.js'
import {YardError} from '../../errors.js'

/** A place where records are kept under a lease, as `LeasedBoard`. */
export interface Board {
  publish(records: ReadonlyMap<string, string>): Promise<void>
  renew(): Promise<void>
  clear(): Promise<void>
}

const renewMillis = 6_000
const publishMillis = 1_000
/** How old the catalog was last heard is told this often; it changes with every sign of life. */
const refreshMillis = 15_000
const retryMillis = 2_000
/** On the way out nobody waits for a catalog that is away. */
const farewellMillis = 2_000

/** Tells the catalog how a sidecar is, beside its work: a catalog that doesn't answer holds up nothing. */
export class AgentBoard {
  private wake: () => void = () => undefined
  private told: Agent | undefined
  private toldAt = 0
  private renewedAt = 0
  /** Why the catalog refuses what it's told, as it was said last. */
  private refusal: string | undefined

  constructor(
    private readonly needs: {
      clock: Clock
      board: Board
      report?: Report | undefined
      failpoint?: ((step: string, moment: string) => Promise<void>) | undefined
    },
    private readonly key: string,
    /** Undefined while there is nothing to tell, or nobody should believe that all is well. */
    private readonly record: () => Agent | undefined,
  ) {}

  /** Something may have changed. */
  nudge(): void {
    this.wake()
  }

  /** Tells until the signal aborts, then takes the record away. */
  async run(signal: AbortSignal): Promise<void> {
    const {board, clock} = this.needs
    while (!signal.aborted) {
      const nudged = new Promise<void>((resolve) => (this.wake = resolve))
      const pause = await this.tell().catch((error: unknown) => {
        this.noteFailure(error)
        return retryMillis
      })
      const isOver = new AbortController()
      const rest = clock.sleep(pause, AbortSignal.any([signal, isOver.signal])).catch(() => undefined)
      await (pause === retryMillis ? rest : Promise.race([nudged, rest]))
      isOver.abort()
    }
    const farewell = board.clear().catch(() => undefined)
    await Promise.race([farewell, clock.sleep(farewellMillis)])
  }

  /** Returns for how many milliseconds there is nothing to do unless somebody nudges. */
  private async tell(): Promise<number> {
    const {board, clock} = this.needs
    const agent = this.record()
    if (agent === undefined) return publishMillis
    const now = clock.monotonicMillis()
    const due = this.toldAt + this.pauseBefore(agent) - now
    if (due <= 0) {
      await this.needs.failpoint?.('report', 'before')
      await board.publish(new Map([[this.key, JSON.stringify(agent)]]))
      await this.needs.failpoint?.('report', 'after')
      this.refusal = undefined
      this.told = agent
      this.toldAt = now
    }
    if (now - this.renewedAt >= renewMillis) {
      await board.renew()
      this.renewedAt = now
    }
    return due > 0 ? Math.min(due, publishMillis) : publishMillis
  }

  /** That the catalog is away is told elsewhere. Who may not write there would look absent to everybody, and not know why. */
  private noteFailure(error: unknown): void {
    if (!(error instanceof YardError) || error.code === 'E_CATALOG_UNREACHABLE') return
    const why = neutralise(error.why)
    if (why === this.refusal) return
    this.refusal = why
    const text = `the catalog isn't told how this sidecar is: ${why}; requests are routed all the same`
    this.needs.report?.({kind: 'warning', text})
  }

  /** Since the last time it was told. What somebody may be waiting for is told at once. */
  private pauseBefore(agent: Agent): number {
    if (this.told === undefined || essence(agent) !== essence(this.told)) return 0
    return JSON.stringify(withoutTimes(agent)) === JSON.stringify(withoutTimes(this.told))
      ? refreshMillis
      : publishMillis
  }
}

function essence({appliedRevision, problem, sidecar}: Agent): string {
  return JSON.stringify([
    appliedRevision,
    problem,
    sidecar?.generation,
    sidecar?.staleSince,
    sidecar?.suspects,
  ])
}

function withoutTimes(agent: Agent): Agent {
  return agent.sidecar === undefined ? agent : {...agent, sidecar: {...agent.sidecar, seenAt: ''}}
}
