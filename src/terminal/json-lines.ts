import {type Report, type YardEvent} from '../contracts/report.js'
import {type YardError} from '../errors.js'

/** What a program that follows a command reads: one of these on each line. */
export type JsonLine = {v: 1; at: string} & (
  | Exclude<YardEvent, {kind: 'step-output'}>
  /** What the command returns, as with `--json`. */
  | {kind: 'result'; result: unknown}
  /** Why it returns nothing. */
  | {
      kind: 'error'
      error: Pick<YardError, 'code' | 'exitCode' | 'next' | 'what' | 'why'> & {
        details?: Record<string, unknown>
      }
    }
)

type LineContent = JsonLine extends infer Line
  ? Line extends JsonLine
    ? Omit<Line, 'at' | 'v'>
    : never
  : never

export interface JsonLines {
  report: Report
  tell: (line: LineContent) => void
}

/** What programs write inside of a step, such as a build, is left out: it isn't yard's, and may hold anything. */
export function jsonLines(write: (line: JsonLine) => void, now: () => Date): JsonLines {
  const tell = (line: LineContent) => write({v: 1, at: now().toISOString(), ...line})
  return {
    tell,
    report: (event) => {
      if (event.kind !== 'step-output') tell(event)
    },
  }
}

export function errorLine({code, details, exitCode, next, what, why}: YardError): LineContent {
  return {kind: 'error', error: {code, what, why, next, exitCode, ...(details !== undefined && {details})}}
}
