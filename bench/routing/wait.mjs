import {setTimeout as pause} from 'node:timers/promises'

/** Asks again and again until it is true. @throws Error with what was waited for after the time is over. */
export async function until(what, isTrue, {withinMillis = 30_000, everyMillis = 10} = {}) {
  const deadline = performance.now() + withinMillis
  while (!(await isTrue())) {
    if (performance.now() > deadline)
      throw new Error(`waited in vain for ${typeof what === 'function' ? what() : what}`)
    await pause(everyMillis)
  }
}
