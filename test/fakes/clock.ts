import {type Clock} from '../../src/contracts/clock.js'

interface Sleeper {
  at: number
  wake: () => void
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  private millis = 0
  private readonly sleepers = new Set<Sleeper>()

  constructor(private readonly start = new Date('2026-11-20T12:00:00.000Z')) {}

  now(): Date {
    return new Date(this.start.getTime() + this.millis)
  }

  monotonicMillis(): number {
    return this.millis
  }

  sleep(millis: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error)
        return
      }
      const abort = () => {
        if (this.sleepers.delete(sleeper)) reject(signal?.reason as Error)
      }
      const wake = () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      const sleeper = {at: this.millis + millis, wake}
      this.sleepers.add(sleeper)
      signal?.addEventListener('abort', abort, {once: true})
    })
  }

  /** How many sleeps are under way. */
  get sleeping(): number {
    return this.sleepers.size
  }

  /** Moves on, waking sleepers in their order and letting what they started run before the next one. */
  async advance(millis: number): Promise<void> {
    const end = this.millis + millis
    for (;;) {
      await settle()
      const next = [...this.sleepers].sort((left, right) => left.at - right.at)[0]
      if (next === undefined || next.at > end) break
      this.millis = Math.max(this.millis, next.at)
      this.sleepers.delete(next)
      next.wake()
    }
    this.millis = end
    await settle()
  }
}

/** Lets everything run that waits for nothing but its turn. */
async function settle(): Promise<void> {
  for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve))
}
