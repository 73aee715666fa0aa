import {YardError} from '../../errors.js'

/** To find out took this long: it's worth to be kept in mind. */
const longMillis = 1_500
const keptMillis = 15_000
/** For one that was there and then said nothing any more. */
const secondConnectMillis = 5_000

/** What is known of a machine that didn't answer: nobody waits for it again at once. */
export class Silence {
  private wasLost = false
  private known: {error: YardError; until: number} | undefined

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** E_HOST_UNREACHABLE when that was found out a moment ago, and took its time. */
  get fault(): YardError | undefined {
    return this.known !== undefined && this.now() < this.known.until ? this.known.error : undefined
  }

  /** A connection to it ended because it said nothing for a while. */
  loses(): void {
    this.wasLost = true
  }

  /** From the first packet to being logged in; undefined for as long as usual. */
  get connectMillis(): number | undefined {
    return this.wasLost ? secondConnectMillis : undefined
  }

  isOver(): void {
    this.wasLost = false
    this.known = undefined
  }

  /** @param began when the attempt did, on the same clock */
  remember(error: unknown, began: number): void {
    const isAway = error instanceof YardError && error.code === 'E_HOST_UNREACHABLE'
    const now = this.now()
    if (isAway && now - began >= longMillis) this.known = {error, until: now + keptMillis}
  }
}
