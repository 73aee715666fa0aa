import {type Clock, type SleepOptions} from '../../src/contracts/clock.js'

interface Sleeper {
  at: number
  inBackground: boolean
  wake: () => void
}

/**
 * A clock that jumps to the next sleeper as soon as nothing else is at work, so that minutes take milliseconds.
 * Before each jump the surroundings get their turn.
 */
export class SimulatedClock implements Clock {
  /** Plays what else goes on in the world. */
  surroundings: () => Promise<void> = async () => undefined
  private millis = 0
  private isPumping = false
  private readonly sleepers = new Set<Sleeper>()

  now(): Date {
    return new Date(Date.parse('2026-11-20T12:00:00.000Z') + this.millis)
  }

  monotonicMillis(): number {
    return this.millis
  }

  sleep(millis: number, signal?: AbortSignal, options: SleepOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error)
        return
      }
      const wake = () => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }
      const sleeper = {at: this.millis + millis, inBackground: options.inBackground ?? false, wake}
      const stop = () => this.sleepers.delete(sleeper) && reject(signal?.reason as Error)
      this.sleepers.add(sleeper)
      signal?.addEventListener('abort', stop, {once: true})
      void this.pump()
    })
  }

  private async pump(): Promise<void> {
    if (this.isPumping) return
    this.isPumping = true
    for (;;) {
      await settle()
      await this.surroundings()
      await settle()
      const sleepers = [...this.sleepers].sort((one, other) => one.at - other.at)
      const [next] = sleepers
      if (next === undefined || sleepers.every(({inBackground}) => inBackground)) break
      this.millis = Math.max(this.millis, next.at)
      this.sleepers.delete(next)
      next.wake()
    }
    this.isPumping = false
  }
}

async function settle(): Promise<void> {
  for (let round = 0; round < 3; round++) await new Promise((resolve) => setImmediate(resolve))
}
