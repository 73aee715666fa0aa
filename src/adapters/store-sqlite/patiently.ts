import {performance} from 'node:perf_hooks'
import {setTimeout as sleep} from 'node:timers/promises'

import {isBusy} from './failures.js'

/** Nobody holds the write lock longer than one small transaction, so this is reached only when something is stuck. */
const patienceMillis = 30_000

/** Given to SQLite itself. Short, because a wait inside SQLite stops the whole program; `patiently` does the long one. */
export const busyTimeoutMillis = 500

/** Does it again, with short random pauses, while other processes are in the way. */
export async function patiently<T>(action: () => T): Promise<T> {
  const deadline = performance.now() + patienceMillis
  for (;;) {
    try {
      return action()
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
    }
    await sleep(1 + Math.random() * 20)
  }
}
