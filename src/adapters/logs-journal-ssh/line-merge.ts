import {type Clock} from '../../contracts/clock.js'
import {type LogLine} from '../../contracts/log-reader.js'

/** How long a line of now waits for older ones that are still on their way from other hosts. */
const windowMillis = 500
/** A host whose past doesn't come holds up the others for no longer than this. */
const lateMillis = 2_000
const fullCharacters = 1_000_000

interface Waiting {
  line: LogLine
  /** Its time, but never before that of the line above it on its host. */
  order: number
  arrivedAt: number
  isPast: boolean
}

/** The lines of one host, in the order in which they were written there. */
export class Feed {
  readonly queue: Waiting[] = []
  private order = Number.NEGATIVE_INFINITY
  private characters = 0
  private heardAt: number
  private state: 'past' | 'live' | 'over' = 'past'
  private readonly waiting = new Set<() => void>()

  constructor(private readonly clock: Clock) {
    this.heardAt = clock.monotonicMillis()
  }

  /** Returns a promise when the next line is to wait: those who read are slower. */
  push(line: LogLine): Promise<void> | undefined {
    this.order = Math.max(this.order, line.at)
    this.heardAt = this.clock.monotonicMillis()
    this.queue.push({line, order: this.order, arrivedAt: this.heardAt, isPast: this.state === 'past'})
    this.characters += line.text.length
    if (this.characters < fullCharacters || this.state === 'over') return undefined
    return new Promise((resolve) => this.waiting.add(resolve))
  }

  /** What comes from here on is written now. */
  goLive(): void {
    if (this.state === 'past') this.state = 'live'
  }

  /** Nothing more comes. */
  end(): void {
    this.state = 'over'
    this.goOn()
  }

  get isOver(): boolean {
    return this.state === 'over' && this.queue.length === 0
  }

  /** Whether a line may be on its way that is older than those of others, once so many of its own are told. */
  holdsUp(told: number, now: number): boolean {
    if (this.state !== 'past' || told < this.queue.length) return false
    return this.waiting.size > 0 || now - this.heardAt < lateMillis
  }

  taken(count: number): void {
    for (const {line} of this.queue.splice(0, count)) this.characters -= line.text.length
    if (this.characters < fullCharacters / 2 && this.waiting.size > 0) this.goOn()
  }

  private goOn(): void {
    this.heardAt = this.clock.monotonicMillis()
    for (const resolve of this.waiting) resolve()
    this.waiting.clear()
  }
}

/** Puts the lines of many hosts into the order of their times. */
export class LineMerge {
  private readonly feeds = new Set<Feed>()

  constructor(private readonly clock: Clock) {}

  feed(): Feed {
    const feed = new Feed(this.clock)
    this.feeds.add(feed)
    return feed
  }

  get isOver(): boolean {
    for (const feed of this.feeds) if (feed.isOver) this.feeds.delete(feed)
    return this.feeds.size === 0
  }

  end(): void {
    for (const feed of this.feeds) feed.end()
  }

  /** What can be told by now. */
  take(): LogLine[] {
    const now = this.clock.monotonicMillis()
    const horizon = this.horizon(now)
    const heads = [...this.feeds].map((feed) => ({feed, at: 0}))
    const told: LogLine[] = []
    while (!heads.some(({at, feed}) => feed.holdsUp(at, now))) {
      let first: (typeof heads)[number] | undefined
      let least = Number.POSITIVE_INFINITY
      for (const head of heads) {
        const order = head.feed.queue[head.at]?.order ?? Number.POSITIVE_INFINITY
        if (order < least) {
          least = order
          first = head
        }
      }
      const next = first?.feed.queue[first.at]
      if (first === undefined || next === undefined || !(next.isPast || next.order <= horizon)) break
      told.push(next.line)
      first.at += 1
    }
    for (const {at, feed} of heads) feed.taken(at)
    return told
  }

  /** All that is older than a line which has waited long enough has waited long enough. */
  private horizon(now: number): number {
    let horizon = Number.NEGATIVE_INFINITY
    for (const {queue} of this.feeds) {
      for (const {arrivedAt, order} of queue) {
        if (now - arrivedAt < windowMillis) break
        horizon = Math.max(horizon, order)
      }
    }
    return horizon
  }
}

/** All of these, where a line is never before one that was above it on its host. */
export function inOrder(lists: readonly (readonly LogLine[])[]): LogLine[] {
  const all = lists.flatMap((lines) => {
    let order = Number.NEGATIVE_INFINITY
    return lines.map((line) => ({line, order: (order = Math.max(order, line.at))}))
  })
  return all.sort((one, other) => one.order - other.order).map(({line}) => line)
}
