/** Runs all at once until the first ends or fails; the others are told to stop, and are over when this is. */
export async function firstOf<T>(
  signal: AbortSignal,
  parts: readonly ((signal: AbortSignal) => Promise<T>)[],
): Promise<T> {
  const stop = new AbortController()
  const abort = () => stop.abort(signal.reason)
  signal.addEventListener('abort', abort, {once: true})
  if (signal.aborted) abort()
  const running = parts.map((part) => part(stop.signal))
  try {
    return await Promise.race(running)
  } finally {
    stop.abort()
    signal.removeEventListener('abort', abort)
    await Promise.allSettled(running)
  }
}
