import {type Clock} from '../../contracts/clock.js'
import {type Report} from '../../contracts/report.js'

/** A catalog that gave no sign of life for so long counts as away, whatever the reason. */
const overdueMillis = 45_000

/** Whether the catalog is heard, and since when it isn't. */
export class Hearing {
  private heardAtMillis: number
  private lostSince: string | undefined
  private why: string | undefined
  private seen: string
  private isAnythingKnown = false

  constructor(
    private readonly clock: Clock,
    private readonly report: Report,
  ) {
    this.heardAtMillis = clock.monotonicMillis()
    this.seen = clock.now().toISOString()
  }

  /** ISO 8601. */
  get seenAt(): string {
    return this.seen
  }

  get problem(): string | undefined {
    if (this.why !== undefined) return this.why
    return this.isOverdue() ? 'the catalog gave no sign of life' : undefined
  }

  get staleSince(): string | undefined {
    return this.lostSince ?? (this.isOverdue() ? this.seen : undefined)
  }

  get isLost(): boolean {
    return this.lostSince !== undefined
  }

  get silentMillis(): number {
    return this.clock.monotonicMillis() - this.heardAtMillis
  }

  /** What is known was saved at an earlier time, and nothing was heard since. */
  startFrom(seenAt: string): void {
    this.isAnythingKnown = true
    this.seen = seenAt
    this.lostSince = seenAt
    this.why = notYetHeard
  }

  /** Returns whether it was away. */
  heard(): boolean {
    const wasAway = this.lostSince !== undefined
    this.isAnythingKnown = true
    this.seen = this.clock.now().toISOString()
    this.heardAtMillis = this.clock.monotonicMillis()
    this.lostSince = undefined
    this.why = undefined
    return wasAway
  }

  /** Returns whether that is news. */
  lost(why: string): boolean {
    const isNews = this.why !== why
    // Once something is followed, the state says that it got old.
    if (isNews && !this.isAnythingKnown)
      this.report({kind: 'warning', text: `the catalog can't be followed yet, and is tried again: ${why}`})
    this.lostSince ??= this.seen
    this.why = why
    return isNews
  }

  private isOverdue(): boolean {
    return this.silentMillis > overdueMillis
  }
}

const notYetHeard = 'the catalog was not heard yet'
