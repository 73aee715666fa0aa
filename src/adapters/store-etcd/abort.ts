/** What is said to whoever waits when a watch is over. Nobody sees it. */
class Aborted extends Error {}

/**
 * The outcome of a promise, or Aborted as soon as the signal aborts. What comes too late is handed to `dispose`.
 * @throws Aborted
 */
export function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal,
  dispose: (late: T) => void = () => undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      promise.then(dispose, () => undefined)
      reject(new Aborted())
    }
    if (signal.aborted) {
      abort()
      return
    }
    signal.addEventListener('abort', abort, {once: true})
    promise
      .finally(() => {
        signal.removeEventListener('abort', abort)
      })
      .then(resolve, reject)
  })
}

/** Ends early, and quietly, when the signal aborts. */
export function abortablePause(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const finish = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, millis)
    signal.addEventListener('abort', finish, {once: true})
  })
}
