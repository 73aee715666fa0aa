import {type YardError} from '../../src/errors.js'

/** Everything of an error that somebody may come to see. */
export function allTextOf({cause, code, details, message, next, stack, what, why}: YardError): string {
  return JSON.stringify([code, what, why, next, message, details, stack, String(cause)])
}
