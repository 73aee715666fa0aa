import {YardError} from '../../src/errors.js'

/** The error that work ends with; anything but one for a person fails the test. */
export async function failureOf(work: Promise<unknown> | (() => unknown)): Promise<YardError> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    if (error instanceof YardError) return error
    throw error
  }
  throw new Error('it worked')
}
