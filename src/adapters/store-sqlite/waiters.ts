import {performance} from 'node:perf_hooks'

interface Waiter {
  seen: string
  finish: () => void
  fail: (error: Error) => void
}

/**
 * How soon a watch sees what another process wrote. Waking up is what an idle program pays for, so it looks often only
 * for a while after something happened.
 */
const pollMillis = {busy: 20, idle: 50}
const busyForMillis = 2_000

/**
 * Where the watches of a store wait for news. However many they are, one look at the file serves all of them, and
 * nothing looks while nobody waits.
 */
export class Waiters {
  private readonly waiting = new Set<Waiter>()
  private timer: NodeJS.Timeout | undefined
  private isLooking = false
  private lastState = ''
  private lastNewsAt = performance.now()

  /** `look` returns what differs whenever something was written; `wait` is given it again. */
  constructor(private readonly look: () => Promise<string>) {}

  /** Waits until the store isn't as it was `seen`, the signal aborts, or all are woken. */
  async wait(seen: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.waiting.delete(waiter)
        signal.removeEventListener('abort', waiter.finish)
        if (this.waiting.size === 0) this.stopTimer()
      }
      const waiter: Waiter = {
        seen,
        finish: () => {
          leave()
          resolve()
        },
        fail: (error) => {
          leave()
          reject(error)
        },
      }
      this.waiting.add(waiter)
      signal.addEventListener('abort', waiter.finish, {once: true})
      this.lookLater()
    })
  }

  wakeAll(): void {
    this.lastNewsAt = performance.now()
    for (const {finish} of [...this.waiting]) finish()
  }

  private lookLater(): void {
    if (this.isLooking || this.waiting.size === 0) return
    const isBusy = performance.now() - this.lastNewsAt < busyForMillis
    this.timer ??= setTimeout(
      () => {
        this.stopTimer()
        void this.lookNow()
      },
      isBusy ? pollMillis.busy : pollMillis.idle,
    )
  }

  private stopTimer(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private async lookNow(): Promise<void> {
    this.isLooking = true
    try {
      const state = await this.look()
      if (state !== this.lastState) this.lastNewsAt = performance.now()
      this.lastState = state
      for (const {seen, finish} of [...this.waiting]) if (seen !== state) finish()
    } catch (error) {
      for (const {fail} of [...this.waiting]) fail(error as Error)
    } finally {
      this.isLooking = false
      this.lookLater()
    }
  }
}
