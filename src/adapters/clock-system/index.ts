import {performance} from 'node:perf_hooks'

import {type Clock, type SleepOptions} from '../../contracts/clock.js'

/** A timer above this fires at once in Node. */
const longestTimerMillis = 2 ** 31 - 1

/** The clock of this machine. */
export class SystemClock implements Clock {
  now(): Date {
    return new Date()
  }

  monotonicMillis(): number {
    return performance.now()
  }

  sleep(millis: number, signal?: AbortSignal, options?: SleepOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(reasonOf(signal))
        return
      }
      const timer = setTimeout(finish, Math.min(Math.max(0, millis), longestTimerMillis))
      if (options?.inBackground) timer.unref()
      signal?.addEventListener('abort', abort, {once: true})

      function finish() {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      function abort() {
        clearTimeout(timer)
        if (signal !== undefined) reject(reasonOf(signal))
      }
    })
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted', {cause: signal.reason})
}
