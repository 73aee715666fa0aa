import {safeText} from './safe-text.js'

/**
 * Shows lines of a process as they come. On a terminal its escapes are shown by their codes, so that they can do nothing;
 * a file or another program gets the text as it was written.
 */
export function lineWriter(stream: NodeJS.WriteStream): (line: string) => void {
  const isTerminal = stream.isTTY
  return (line) => void stream.write(`${isTerminal ? safeText(line) : line}\n`)
}
