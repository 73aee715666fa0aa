import {parseDuration} from '../../domain/duration.js'
import {printable} from '../../domain/names.js'
import {YardError} from '../../errors.js'

/**
 * Splits a command line at the first `--`: before it is what is meant for yard, after it a program and its arguments.
 * @throws YardError E_USAGE where there is none: the flags of the program would be taken for those of yard
 */
export function splitAtDashes(argv: readonly string[]): {own: string[]; words: string[]} {
  const end = argv.indexOf('--')
  if (end === -1) throw noDashes()
  return {own: argv.slice(0, end), words: argv.slice(end + 1)}
}

function noDashes(): YardError {
  return new YardError('E_USAGE', {
    what: "Can't tell what to run",
    why: 'a program and its arguments stand after "--", and there is none',
    next: ['yard run -- node --version', 'yard run billing --env staging -- node --version'],
  })
}

/** setTimeout counts no further. */
const longestMillis = 2_147_483_647

/** @throws YardError E_USAGE for what isn't a length of time, or too long a one */
export function timeoutOf(text: string): number {
  const millis = parseDuration(text)
  if (millis !== undefined && millis > 0 && millis <= longestMillis) return millis
  throw new YardError('E_USAGE', {
    what: `Can't read --timeout ${printable(text)}`,
    why: millis === undefined ? 'it is not a length of time' : 'it is not between 1 ms and 24 days',
    next: ['yard run --timeout 10m -- node --version'],
  })
}
