/** The first reload of a busy time is done at once, the others so far apart: six a minute. */
const pauseMillis = 10_000
/** What is merely untidy waits for a time in which nothing changed. */
const quietMillis = 10_000

/**
 * How many reloads a host may have: each one leaves a worker behind that finishes what it has, with all of its memory.
 * Times are those of a clock that never goes back.
 */
export class ReloadBudget {
  private lastReload: number | undefined
  private lastChange = 0

  /** A reload was done, or tried. */
  spend(now: number): void {
    this.lastReload = now
  }

  /** What is routed has changed. */
  noteChange(now: number): void {
    this.lastChange = now
  }

  mayReload(now: number): boolean {
    return this.millisUntilReload(now) === 0
  }

  /** Until what waits for a reload may have it. */
  millisUntilReload(now: number): number {
    return this.lastReload === undefined ? 0 : Math.max(0, this.lastReload + pauseMillis - now)
  }

  /** Until a reload may be done that only tidies up. */
  millisUntilTidying(now: number): number {
    return Math.max(this.millisUntilReload(now), this.lastChange + quietMillis - now, 0)
  }
}
