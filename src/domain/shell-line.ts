import {YardError} from '../errors.js'

/** A line that a shell takes for exactly these words; nothing in them has a meaning to it. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ')
}

/**
 * The text that a shell takes for exactly this argument. Quotes and backslashes stand outside of quotes, because there
 * sh, bash, zsh and fish agree on them; everything else stands in single quotes, where nothing has a meaning.
 * @throws YardError E_USAGE for a NUL, which no argument can hold, and for half a character, which is no text
 */
export function shellWord(argument: string): string {
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
