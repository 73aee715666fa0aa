import {shellLine} from '../../domain/shell-line.js'
import {YardError} from '../../errors.js'

/** A command line is one argument of the login shell, and Linux gives an argument 128 kB. */
const longestLineBytes = 120_000

/** @throws YardError E_USAGE when the line can't be given to a shell. */
export function commandLine(words: readonly string[]): string {
  const line = shellLine(words)
  if (Buffer.byteLength(line) <= longestLineBytes) return line
  throw new YardError('E_USAGE', {
    what: `Can't run ${words[0]?.slice(0, 100) ?? 'a program'} with such long arguments`,
    why: `a command line holds at most ${longestLineBytes / 1000} kB`,
    next: ['give the program its input on stdin'],
  })
}
