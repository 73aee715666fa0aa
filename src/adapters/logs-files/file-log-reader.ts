import {readdirSync, readFileSync} from 'node:fs'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

import {type KeptLogs, type LogLine, type LogQuery} from '../../contracts/log-reader.js'
import {sourceFileName} from '../../domain/logs/parts.js'
import {hasLabels, type LogSource, parseSource} from '../../domain/logs/source.js'
import {Cursor, type OrderedLine} from './cursor.js'
import {readTail} from './last-lines.js'

/** How often is looked for new lines, and for new processes. */
const pollMillis = 50
const discoverMillis = 500
/** With so many lines waiting for those of other logs, no more are read. */
const fullQueue = 5_000

/** Reads the logs that keepers write, one directory for each process. */
export class FileLogReader implements KeptLogs {
  constructor(private readonly settings: {directory: string}) {}

  async sources(labels: Record<string, string>): Promise<LogSource[]> {
    return sourcesIn(this.settings.directory).filter((source) => hasLabels(source.labels, labels))
  }

  async *read(query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine> {
    const reading = new Reading(this.settings.directory, query)
    try {
      yield* reading.history()
      while (!signal.aborted) {
        const lines = reading.nextLines()
        yield* lines
        if (lines.length > 0) continue
        if (!query.follow) return
        await sleep(pollMillis, undefined, {signal}).catch(() => undefined)
      }
    } finally {
      reading.close()
    }
  }
}

/** One read of many logs at once. */
class Reading {
  private readonly cursors = new Map<string, Cursor>()
  private readonly startedAt = Date.now()
  private discoveredAt = Number.NEGATIVE_INFINITY
  private round = 0

  constructor(
    private readonly root: string,
    private readonly query: LogQuery,
  ) {}

  /** The last lines of all logs together; after it, the cursors stand behind them. */
  history(): LogLine[] {
    const {lines: count, since = Number.NEGATIVE_INFINITY} = this.query
    if (count === undefined) return []
    const found: OrderedLine[] = []
    this.discover((cursor, source, directory) => {
      const label = (line: Omit<LogLine, 'source' | 'labels'>) => ({
        ...line,
        source: source.id,
        labels: source.labels,
      })
      const accepts = (line: Omit<LogLine, 'source' | 'labels'>) => this.accepts(label(line))
      const tail = readTail(directory, {count, since, accepts})
      cursor.continueAt(tail.part, tail.offset)
      let order = 0
      for (const line of tail.lines) {
        order = Math.max(order, line.at)
        found.push({line: label(line), order, round: 0})
      }
    })
    found.sort((one, other) => one.order - other.order)
    return count > 0 ? found.slice(-count).map(({line}) => line) : []
  }

  /**
   * What can be told in order by now. A line as young as this round waits for the next one, as an older line of
   * another log may only just be missing.
   */
  nextLines(): LogLine[] {
    const roundStart = Date.now()
    this.round++
    if (this.query.follow || this.round === 1) this.discover(() => undefined)
    let horizon = Number.POSITIVE_INFINITY
    for (const [id, cursor] of this.cursors) {
      if (cursor.queue.length < fullQueue) cursor.fill(this.round, (line) => this.accepts(line))
      if (!cursor.isDrained) horizon = Math.min(horizon, cursor.queue.at(-1)?.order ?? horizon)
      if (cursor.isGone && cursor.queue.length === 0) this.forget(id, cursor)
    }
    return this.takeUntil((next) => {
      if (next.order > horizon) return false
      if (!this.query.follow) return next.order <= this.startedAt
      return next.order < roundStart || next.round < this.round
    })
  }

  close(): void {
    for (const cursor of this.cursors.values()) cursor.close()
    this.cursors.clear()
  }

  private takeUntil(mayBeTold: (next: OrderedLine) => boolean): LogLine[] {
    const taken: LogLine[] = []
    const heads = [...this.cursors.values()].map((cursor) => ({queue: cursor.queue, at: 0}))
    for (;;) {
      let first: (typeof heads)[number] | undefined
      let least = Number.POSITIVE_INFINITY
      for (const head of heads) {
        const order = head.queue[head.at]?.order ?? Number.POSITIVE_INFINITY
        if (order < least) {
          least = order
          first = head
        }
      }
      const next = first?.queue[first.at]
      if (first === undefined || next === undefined || !mayBeTold(next)) break
      taken.push(next.line)
      first.at++
    }
    for (const head of heads) head.queue.splice(0, head.at)
    return taken
  }

  private discover(onNew: (cursor: Cursor, source: LogSource, directory: string) => void): void {
    const now = performance.now()
    if (now - this.discoveredAt < discoverMillis) return
    this.discoveredAt = now
    for (const source of sourcesIn(this.root)) {
      if (this.cursors.has(source.id) || !hasLabels(source.labels, this.query.labels)) continue
      const directory = path.join(this.root, source.id)
      const cursor = new Cursor(source, directory, this.query.since ?? Number.NEGATIVE_INFINITY)
      this.cursors.set(source.id, cursor)
      onNew(cursor, source, directory)
    }
  }

  private forget(id: string, cursor: Cursor): void {
    cursor.close()
    this.cursors.delete(id)
  }

  private accepts(line: LogLine): boolean {
    return this.query.accepts?.(line) ?? true
  }
}

/** Sorted by id. A directory whose file names another id is not trusted. */
function sourcesIn(root: string): LogSource[] {
  let names: string[]
  try {
    names = readdirSync(root).sort()
  } catch {
    return []
  }
  return names.flatMap((name) => {
    const source = readSource(path.join(root, name, sourceFileName))
    return source?.id === name ? [source] : []
  })
}

function readSource(file: string): LogSource | undefined {
  try {
    return parseSource(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
