import {closeSync, constants, fstatSync, openSync} from 'node:fs'

/**
 * False when the output is a pipe that nobody reads: opening it once more for writing is refused then. Nothing else
 * tells without writing; where the system has no such files, the next line will.
 */
export function hasReader(descriptor: number): boolean {
  if (process.platform !== 'linux') return true
  try {
    if (!fstatSync(descriptor).isFIFO()) return true
    closeSync(openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK))
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENXIO'
  }
}
