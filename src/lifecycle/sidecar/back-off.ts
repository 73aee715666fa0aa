/** How long to wait after a failure, with jitter, so that hundreds of hosts don't come back at the same moment. */
const firstMillis = 200
/** While the catalog answers, and while it doesn't. */
const longestMillis = {answers: 5_000, away: 15_000}
/** What went well for so long ends a row of failures. */
const steadyMillis = 10_000
/** Hosts that heard nothing for so long have all waited for the same moment. */
const longSilenceMillis = 30_000
const spreadMillis = 12_000

export class BackOff {
  private failures = 0

  constructor(private readonly random: () => number) {}

  /** After an attempt that lasted so long. */
  nextMillis(kind: 'answers' | 'away', lastedMillis: number): number {
    if (lastedMillis >= steadyMillis) this.failures = 0
    const wholeMillis = Math.min(longestMillis[kind], firstMillis * 2 ** Math.min(this.failures, 20))
    this.failures += 1
    return wholeMillis * (0.25 + 0.75 * this.random())
  }

  /** Before the whole catalog is read after so long a silence; after a short one up to another time. */
  spreadMillis(silentMillis: number, shortMillis = 0): number {
    return (silentMillis < longSilenceMillis ? shortMillis : spreadMillis) * this.random()
  }

  reset(): void {
    this.failures = 0
  }
}
