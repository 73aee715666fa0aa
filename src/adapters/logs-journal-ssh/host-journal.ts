import {type Clock} from '../../contracts/clock.js'
import {type LogLine} from '../../contracts/log-reader.js'
import {type RemoteShell} from '../../contracts/remote-shell.js'
import {type JournalEntry} from '../../domain/logs/journal-entry.js'
import {type JournalReading, readJournal} from './journal-program.js'

/** What is wanted of a journal. */
export interface JournalQuery extends Pick<JournalReading, 'environment' | 'service' | 'release'> {
  /** Nothing older than this, in milliseconds since 1970. */
  since: number | undefined
  /** A text that all wanted lines have. */
  contains: string | undefined
  accepts: ((line: LogLine) => boolean) | undefined
}

/** A promise when the next line is to wait. */
export type Take = (line: LogLine) => Promise<void> | undefined

/** What happens to a reading that goes on for ever. */
export interface FollowEvents {
  lost(why: unknown): void
  back(): void
  /** The journal no longer has the entry at which the reading before ended. */
  gap(): void
}

/** Last lines that are found by their text alone may be far back: nobody waits for them longer before the first is shown. */
const searchMillis = 1_200
/** A clock that nobody has seen yet may be wrong by as much. */
const unknownMillis = 600_000
const firstPauseMillis = 500
const longestPauseMillis = 15_000

/** Reads what instances wrote to the journal of one host, and knows how far it came. */
export class HostJournal {
  private cursor: string | undefined
  /** How much the clock of the host is ahead of this machine's. */
  private aheadMillis: number | undefined

  /** @param startedAt where following begins when nothing was read; milliseconds since 1970 */
  constructor(
    private readonly shell: RemoteShell,
    private readonly query: JournalQuery,
    private readonly clock: Clock,
    private readonly startedAt: number,
  ) {}

  /**
   * The last so many wanted lines, oldest first.
   * @param isHurried whether to do with those that are found at once
   * @returns also whether there may be more, further back
   * @throws YardError as `readJournal` does
   */
  async last(
    count: number,
    isHurried: boolean,
    signal: AbortSignal,
  ): Promise<{lines: LogLine[]; isCut: boolean}> {
    const {accepts, contains, since} = this.query
    const lines: LogLine[] = []
    const isEach = accepts === undefined && contains === undefined
    // The newest entry is read in any case: it's where following begins.
    const limit = count === 0 || isEach ? {count: Math.max(count, 1)} : {contains}
    const reading = {
      ...this.query,
      mode: 'back' as const,
      from: fromTime(since),
      contains: undefined,
      ...limit,
    }
    const [search, found] = [new AbortController(), new AbortController()]
    const onBegun = (hostMillis: number) => {
      this.compareClocks(hostMillis)
      if (!isHurried) return
      const tooLong = () => search.abort(new Error('it takes too long'))
      this.clock.sleep(searchMillis, found.signal).then(tooLong, () => undefined)
    }
    const onEntry = (entry: JournalEntry) => {
      this.cursor ??= entry.cursor
      const line = this.wanted(entry, since)
      if (line !== undefined && lines.length < count) lines.push(line)
      return lines.length < count
    }
    try {
      await readJournal(this.shell, reading, {onBegun, onEntry}, AbortSignal.any([signal, search.signal]))
    } finally {
      found.abort(new Error('it is over'))
    }
    return {lines: lines.reverse(), isCut: search.signal.aborted && lines.length < count}
  }

  /** All wanted lines that are there. @throws YardError as `readJournal` does */
  async past(take: Take, signal: AbortSignal): Promise<void> {
    const {since} = this.query
    const onBegun = (hostMillis: number) => this.compareClocks(hostMillis)
    const onEntry = (entry: JournalEntry) => {
      this.cursor = entry.cursor
      return this.give(entry, since, take)
    }
    const reading = {...this.query, mode: 'past' as const, from: fromTime(since)}
    await readJournal(this.shell, reading, {onBegun, onEntry}, signal)
  }

  /** What is written after what was read, until the signal aborts, through all that happens to the connection. */
  async follow(take: Take, events: FollowEvents, signal: AbortSignal, isAway = false): Promise<void> {
    let pauseMillis = firstPauseMillis
    const onBegun = (hostMillis: number) => {
      this.compareClocks(hostMillis)
      pauseMillis = firstPauseMillis
      if (isAway) events.back()
      isAway = false
    }
    const isOver = () => signal.aborted
    while (!isOver()) {
      try {
        await this.followOnce(take, {onBegun, onGap: () => events.gap()}, signal)
      } catch (error) {
        if (!isAway && !isOver()) events.lost(error)
        isAway = true
      }
      const jitter = 0.75 + Math.random() / 2
      await this.clock.sleep(pauseMillis * jitter, signal).catch(() => undefined)
      pauseMillis = Math.min(2 * pauseMillis, longestPauseMillis)
    }
  }

  /**
   * From the last entry on, which comes again and shows by that that nothing is missing: of the entries behind a cursor
   * journalctl loses one when the cursor is another unit's, and a cursor that it doesn't know is as good as any to it.
   */
  private async followOnce(
    take: Take,
    {onBegun, onGap}: {onBegun: (hostMillis: number) => void; onGap: () => void},
    signal: AbortSignal,
  ): Promise<void> {
    const last = this.cursor
    const reading = {
      ...this.query,
      mode: 'follow' as const,
      from: last ?? fromTime(this.startedAt + (this.aheadMillis ?? -unknownMillis)),
      contains: undefined,
    }
    let isFirst = last !== undefined
    const onEntry = (entry: JournalEntry) => {
      const wasFirst = isFirst
      isFirst = false
      if (wasFirst && entry.cursor === last) return true
      if (wasFirst) onGap()
      this.cursor = entry.cursor
      const began = this.startedAt + (this.aheadMillis ?? 0)
      return this.give(entry, last === undefined ? began : undefined, take)
    }
    await readJournal(this.shell, reading, {onBegun, onEntry}, signal)
  }

  /** Where a host begins is told by its own clock. */
  private compareClocks(hostMillis: number): void {
    this.aheadMillis ??= hostMillis - this.clock.now().getTime()
  }

  private give(entry: JournalEntry, since: number | undefined, take: Take): true | Promise<true> {
    const line = this.wanted(entry, since)
    const taken = line === undefined ? undefined : take(line)
    return taken === undefined ? true : taken.then(() => true)
  }

  private wanted({at, written}: JournalEntry, since: number | undefined): LogLine | undefined {
    if (written === undefined || (since !== undefined && at < since)) return undefined
    const {instance, labels, stream, text} = written
    if (this.query.contains !== undefined && !text.includes(this.query.contains)) return undefined
    const line = {at, stream, source: instance, labels, text}
    return this.query.accepts?.(line) === false ? undefined : line
  }
}

/** The second before, at most. */
function fromTime(at: number | undefined): string | undefined {
  return at === undefined ? undefined : `@${Math.max(0, Math.floor(at / 1_000))}`
}
