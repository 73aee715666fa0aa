import {YardError} from '../../src/errors.js'

/** The error that work ends with; anything but one for a person fails the test. */
export async function failureOf(work: Promise<unknown>): Promise<YardError> {
  const error = await work.then(
    () => new Error('it worked'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof YardError) return error
  throw error as Error
}
