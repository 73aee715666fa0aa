import {neutralise} from '../domain/logs/escapes.js'

/** Longer lines say nothing to a person, and fill the screen. */
const longestCharacters = 8_000

/** Text from outside, fit for one line of a terminal: escapes are shown by their codes. */
export function safeText(text: string): string {
  if (text.length <= longestCharacters) return neutralise(text)
  const missing = text.length - longestCharacters
  return `${neutralise(text.slice(0, longestCharacters))}… [${missing} more characters, see --raw]`
}

/** Several lines of text from outside: its line ends stay, everything else is neutralised. */
export function safeBlock(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => safeText(line))
    .join('\n')
}
