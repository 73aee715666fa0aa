import {type KeptLogs, type LogLine, type LogQuery} from '../../src/contracts/log-reader.js'
import {hasLabels, type LogSource} from '../../src/domain/logs/source.js'

/** Logs that hold what a test puts in; following ends when the lines do. */
export class FakeLogReader implements KeptLogs {
  readonly queries: LogQuery[] = []

  constructor(private readonly lines: readonly LogLine[]) {}

  async *read(query: LogQuery): AsyncIterable<LogLine> {
    this.queries.push(query)
    const found = this.lines.filter(
      (line) =>
        hasLabels(line.labels, query.labels) &&
        line.at >= (query.since ?? Number.NEGATIVE_INFINITY) &&
        (query.accepts?.(line) ?? true),
    )
    yield* query.lines === undefined ? found : found.slice(found.length - Math.min(query.lines, found.length))
  }

  async sources(labels: Record<string, string>): Promise<LogSource[]> {
    const sources = this.lines.map(({source, labels}) => ({id: source, labels}))
    return sources.filter((source) => hasLabels(source.labels, labels))
  }
}
