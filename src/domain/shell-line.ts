import {YardError} from '../errors.js'

/** A line that `/bin/sh -c` takes for exactly these words; nothing in them has a meaning to the shell. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ')
}

/** @throws YardError E_USAGE for a NUL, which no argument can hold */
function shellWord(word: string): string {
  if (word.includes('\0')) {
    throw new YardError('E_USAGE', {
      what: "Can't give an argument with a NUL to a program",
      why: 'no system can',
      next: ['leave the NUL out'],
    })
  }
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}
