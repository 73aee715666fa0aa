/** `yard` marks what the keeper of a process noted: starts, ends, dropped lines. */
export type LogStream = 'stdout' | 'stderr' | 'yard'

export interface WrittenLine {
  /** Milliseconds since 1970. */
  at: number
  stream: LogStream
  text: string
}

/** More of one line than this is cut off. */
export const longestLineBytes = 64 * 1024

/** What stands before the text of each line in a log file: `2026-11-20T19:15:00.123Z stdout `. */
export function linePrefix(at: number, stream: LogStream): string {
  return `${new Date(at).toISOString()} ${stream} `
}

/** One line of a log file without its line end. The text must hold no line feed. */
export function formatLogLine(line: WrittenLine): string {
  return linePrefix(line.at, line.stream) + line.text
}

const linePattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (stdout|stderr|yard) /

/** Undefined when the line was not written by `formatLogLine`, such as one that a full disk cut in two. */
export function parseLogLine(line: string): WrittenLine | undefined {
  const match = linePattern.exec(line)
  if (match === null) return undefined
  const [prefix, instant = '', stream] = match
  const at = Date.parse(instant)
  if (Number.isNaN(at)) return undefined
  return {at, stream: stream as LogStream, text: line.slice(prefix.length)}
}
