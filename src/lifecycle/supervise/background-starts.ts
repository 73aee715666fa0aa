import {type Clock} from '../../contracts/clock.js'
import {type ProcessSpec} from '../../contracts/process-manager.js'
import {YardError} from '../../errors.js'

/** How long the host's other work waits for starts: most take milliseconds. */
const patienceMillis = 3_000
/** What could not be started is tried again after this: somebody may have logged in to the tool meanwhile. */
const retryMillis = 15_000

/**
 * Starts processes whose secrets are opened first. That asks other programs, so it may take long and may fail; the
 * other instances of the host don't wait for it.
 */
export class BackgroundStarts {
  private readonly underWay = new Map<string, Promise<void>>()
  private readonly refused = new Map<string, {why: string; retryAt: number}>()
  private wanted: ReadonlySet<string> = new Set()
  private hasEnded = false

  constructor(
    private readonly clock: Clock,
    private readonly startOne: (spec: ProcessSpec) => Promise<void>,
  ) {}

  /** Takes the place of what was wanted before. Returns when all are started, or after a short while. */
  async start(specs: readonly ProcessSpec[]): Promise<void> {
    this.wanted = new Set(specs.map(({id}) => id))
    for (const id of this.refused.keys()) if (!this.wanted.has(id)) this.refused.delete(id)
    for (const spec of specs) if (this.isDue(spec.id)) this.begin(spec)
    if (this.underWay.size === 0) {
      this.hasEnded = false
      return
    }
    const isOver = new AbortController()
    await Promise.race([
      Promise.all(this.underWay.values()),
      this.clock.sleep(patienceMillis, isOver.signal).catch(() => undefined),
    ])
    isOver.abort()
    this.hasEnded = false
  }

  /** Why the process could not be started the last time; undefined when it was, or is on its way. */
  problemOf(id: string): string | undefined {
    return this.refused.get(id)?.why
  }

  problems(): string[] {
    return [...this.refused].map(([id, {why}]) => `${id}: ${why}`)
  }

  /** Whether somebody already sees to it that the process runs. */
  isAtWorkOn(id: string): boolean {
    return this.underWay.has(id) || this.refused.has(id)
  }

  /** Whether a start ended meanwhile, or one that failed is due again. */
  hasNews(): boolean {
    return this.hasEnded || [...this.refused.values()].some(({retryAt}) => this.isOver(retryAt))
  }

  /** Begins no start any more, and returns when those under way have ended. */
  async stop(): Promise<void> {
    this.wanted = new Set()
    await Promise.all(this.underWay.values())
  }

  private isDue(id: string): boolean {
    const refusal = this.refused.get(id)
    return !this.underWay.has(id) && (refusal === undefined || this.isOver(refusal.retryAt))
  }

  private begin(spec: ProcessSpec): void {
    const {id} = spec
    const start = this.startOne({...spec, secrets: () => this.openIfWanted(spec)})
      .then(() => void this.refused.delete(id))
      .catch((error: unknown) => {
        if (!this.wanted.has(id)) return
        this.refused.set(id, {why: reasonOf(error), retryAt: this.clock.monotonicMillis() + retryMillis})
      })
      .finally(() => {
        this.underWay.delete(id)
        this.hasEnded = true
      })
    this.underWay.set(id, start)
  }

  /** What was called off while its secrets were opened must not be started any more. */
  private async openIfWanted({id, secrets}: ProcessSpec): ReturnType<NonNullable<ProcessSpec['secrets']>> {
    const opened = (await secrets?.()) ?? {}
    if (!this.wanted.has(id)) throw new Error(`${id} is not wanted any more`)
    return opened
  }

  private isOver(at: number): boolean {
    return this.clock.monotonicMillis() >= at
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof YardError) return `${error.what}: ${error.why}`
  return error instanceof Error ? error.message : String(error)
}
