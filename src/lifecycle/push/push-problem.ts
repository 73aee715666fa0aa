import {YardError} from '../../errors.js'
import {type PushProblem} from './needs.js'

/** What is wrong with one host, as plain data. */
export function problemOf(error: unknown, host: string): PushProblem {
  if (error instanceof YardError) {
    const {code, next, what, why} = error
    return {code, what, why, next}
  }
  return {
    code: 'E_PUSH_FAILED',
    what: `Can't push to ${host}`,
    why: error instanceof Error ? error.message : String(error),
    next: ['run the command again'],
  }
}
