import {YardError} from '../../errors.js'

/** A command line is one argument of the login shell, and Linux gives an argument 128 kB. */
const longestLineBytes = 120_000

/**
 * The text that a shell takes for exactly this argument. Quotes and backslashes stand outside of quotes, because there
 * sh, bash, zsh and fish agree on them; everything else stands in single quotes, where nothing has a meaning.
 * @throws YardError E_USAGE for a NUL, which no argument can hold, and for half a character, which is no text
 */
export function quoted(argument: string): string {
  if (argument.includes('\0')) {
    throw new YardError('E_USAGE', {
      what: "Can't give an argument with a NUL to a program",
      why: 'no system can',
      next: ['leave the NUL out'],
    })
  }
  if (/\p{Surrogate}/u.test(argument)) {
    throw new YardError('E_USAGE', {
      what: `Can't give ${JSON.stringify(argument.slice(0, 100))} to a program`,
      why: 'it has half a character, which would arrive as another one',
      next: ['leave it out'],
    })
  }
  if (argument === '') return "''"
  return argument.replace(/[^'\\]+|['\\]/g, (part) =>
    part === "'" || part === '\\' ? `\\${part}` : `'${part}'`,
  )
}

/** @throws YardError E_USAGE when the line can't be given to a shell. */
export function commandLine(words: readonly string[]): string {
  const line = words.map(quoted).join(' ')
  if (Buffer.byteLength(line) <= longestLineBytes) return line
  throw new YardError('E_USAGE', {
    what: `Can't run ${words[0]?.slice(0, 100) ?? 'a program'} with such long arguments`,
    why: `a command line holds at most ${longestLineBytes / 1000} kB`,
    next: ['give the program its input on stdin'],
  })
}
