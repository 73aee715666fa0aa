import {type LogStream} from '../domain/logs/line-format.js'
import {type LogSource} from '../domain/logs/source.js'

export interface LogLine {
  /** When the line was written, in milliseconds since 1970. */
  at: number
  stream: LogStream
  /** The `ProcessSpec.id` and labels it was filed under. */
  source: string
  labels: Record<string, string>
  text: string
}

export interface LogQuery {
  /** Sources whose labels equal all of these. */
  labels: Record<string, string>
  /** The last so many accepted lines of all sources together; all there are when undefined. */
  lines?: number
  /** Nothing older than this, in milliseconds since 1970. */
  since?: number
  /** Keep yielding what is written from now on, also by sources that appear later, until the signal aborts. */
  follow: boolean
  /** A text that all accepted lines have: what hasn't it may be left out where it is read. */
  contains?: string
  /** Lines it refuses are neither counted nor yielded. */
  accepts?: (line: LogLine) => boolean
}

/** Reads logs of many processes, merged in the order of their times. */
export interface LogReader {
  /** Ends without an error when the signal aborts. */
  read(query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine>
}

/** Reads the logs that the process manager of this machine keeps. */
export interface KeptLogs extends LogReader {
  /** What there are logs of, with labels that equal all of these, sorted by id. */
  sources(labels: Record<string, string>): Promise<LogSource[]>
}
