import {type Clock} from '../../contracts/clock.js'
import {type LogLine, type LogQuery} from '../../contracts/log-reader.js'
import {type RemoteShell} from '../../contracts/remote-shell.js'
import {YardError} from '../../errors.js'
import {HostJournal} from './host-journal.js'
import {type Feed} from './line-merge.js'

export interface HostReadingParts {
  shell: RemoteShell
  clock: Clock
  query: LogQuery
  /** Where following begins when nothing was read; milliseconds since 1970. */
  startedAt: number
  feed: Feed
  signal: AbortSignal
}

/** Brings what one host wrote to its feed, and tells there what keeps it from that. */
export class HostReading {
  /** Why its past could not be read. */
  failure: Error | undefined
  private readonly leaving = new AbortController()
  private readonly signal: AbortSignal
  private readonly journal: HostJournal

  constructor(private readonly parts: HostReadingParts) {
    const {clock, query, shell, signal, startedAt} = parts
    const {environment = '', release, service} = query.labels
    this.signal = AbortSignal.any([signal, this.leaving.signal])
    this.journal = new HostJournal(
      shell,
      {
        ...{environment, service, since: query.since, contains: query.contains, accepts: query.accepts},
        release: release?.replace(/^r/, ''),
      },
      clock,
      startedAt,
    )
  }

  /** Oldest first; none when it can't be read. */
  async last(count: number): Promise<LogLine[]> {
    try {
      const {isCut, lines} = await this.journal.last(count, this.parts.query.follow, this.signal)
      if (isCut) this.note('may have more of them further back: --no-follow looks for all')
      return lines
    } catch (error) {
      this.fail(error)
      return []
    }
  }

  async past(): Promise<void> {
    await this.journal
      .past((line) => this.parts.feed.push(line), this.signal)
      .catch((error: unknown) => this.fail(error))
  }

  async give(lines: readonly LogLine[]): Promise<void> {
    for (const line of lines) await this.parts.feed.push(line)
  }

  async follow(): Promise<void> {
    const {feed} = this.parts
    feed.goLive()
    const events = {
      lost: (why: unknown) => this.note(`can't be read: ${whyOf(why)}`),
      back: () => this.note('is read again, from where it ended'),
      gap: () => this.note('lines may be missing here: its journal no longer has the last one that was read'),
    }
    const isAway = this.failure !== undefined
    await this.journal.follow((line) => feed.push(line), events, this.signal, isAway)
  }

  /** Of a host that left its environment; what it told is told. */
  leave(): void {
    this.leaving.abort(new Error('the host left its environment'))
  }

  end(): void {
    this.parts.feed.end()
  }

  private fail(error: unknown): void {
    if (this.signal.aborted) return
    this.failure = error instanceof Error ? error : new Error(String(error))
    this.note(`can't be read: ${whyOf(error)}`)
  }

  private note(text: string): void {
    const {clock, feed, query, shell} = this.parts
    const {environment = ''} = query.labels
    const labels = {environment, part: shell.host}
    void feed.push({at: clock.now().getTime(), stream: 'yard', source: shell.host, labels, text})
  }
}

function whyOf(error: unknown): string {
  return error instanceof YardError ? error.why : String(error)
}
