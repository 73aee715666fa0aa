import {isAtLeast} from './logs/level.js'
import {contentOf} from './logs/structured-line.js'

/** A line of a log, and the instance that wrote it. */
export interface LoggedLine {
  source: string
  line: string
}

/** An error as it was logged first, and how many lines are like it. */
export interface LoggedError extends LoggedLine {
  count: number
}

/** Errors that one release logs and the other doesn't, in the order in which they came. */
export function newErrors(added: readonly LoggedLine[], old: readonly LoggedLine[]): LoggedError[] {
  const known = new Set(old.flatMap(({line}) => errorIn(line) ?? []))
  const found = new Map<string, LoggedError>()
  for (const {line, source} of added) {
    const error = errorIn(line)
    if (error === undefined || known.has(error)) continue
    const same = found.get(error)
    if (same === undefined) found.set(error, {source, line, count: 1})
    else same.count++
  }
  return [...found.values()]
}

/** The same text for errors that differ only in numbers, ids and what is quoted; undefined for a line that tells of none. */
export function errorIn(line: string): string | undefined {
  const {level, message} = contentOf(line)
  const isError = level === undefined ? uncaughtPattern.test(line) : isAtLeast(level, 'error')
  if (!isError) return undefined
  return (message === '' ? line : message)
    .replace(/"[^"]*"|'[^']*'|`[^`]*`/g, '…')
    .replace(/\b[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b/gi, '…')
    .replace(/\d+/g, '0')
    .slice(0, 300)
}

/** What runtimes write of an error that nobody caught. */
const uncaughtPattern =
  /^(?:[A-Za-z_.]*(?:Error|Exception)\b|Uncaught\b|panic: |Traceback \(most recent call last\)|fatal error: )/
