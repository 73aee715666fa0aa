export interface Clock {
  now(): Date
  /** Milliseconds that never go back; only differences mean anything. */
  monotonicMillis(): number
  /** Resolves after the time; rejects with the signal's reason when it aborts first. */
  sleep(millis: number, signal?: AbortSignal, options?: SleepOptions): Promise<void>
}

export interface SleepOptions {
  /** A sleep in the background doesn't keep the program alive. */
  inBackground?: boolean
}
