import {type Clock} from '../../contracts/clock.js'
import {type LogLine, type LogQuery, type LogReader} from '../../contracts/log-reader.js'
import {type RemoteShell} from '../../contracts/remote-shell.js'
import {HostReading} from './host-reading.js'
import {inOrder, LineMerge} from './line-merge.js'

interface JournalLogSettings {
  clock: Clock
  /** Shells on all hosts of the environment, by now. */
  hosts: () => Promise<readonly RemoteShell[]>
}

const pollMillis = 50
/** How often is looked for hosts that joined or left. */
const discoverMillis = 5_000
const lateMillis = 2_000

/** Reads the journals of all hosts of an environment, merged in the order of their times. */
export class JournalLogReader implements LogReader {
  constructor(private readonly settings: JournalLogSettings) {}

  /**
   * A host that can't be read is told of by a line of yard's own while following, and tried again for ever.
   * @throws YardError E_HOST_UNREACHABLE, E_HOST_AUTH, E_HOST_KEY, E_HOST_SETUP, E_STEP_FAILED after the lines of all others,
   * when it doesn't follow
   */
  async *read(query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine> {
    const ending = new AbortController()
    const reading = new Reading(this.settings, query, AbortSignal.any([signal, ending.signal]))
    try {
      yield* reading.lines()
    } finally {
      ending.abort(new Error('nobody reads any more'))
      await reading.ended()
    }
  }
}

/** One read of many journals at once. */
class Reading {
  private readonly merge: LineMerge
  private readonly startedAt: number
  /** By the name of the host. */
  private readonly hosts = new Map<string, HostReading>()
  private readonly tasks = new Set<Promise<void>>()
  private firstFailure: Error | undefined
  private discovering: Promise<void> | undefined

  constructor(
    private readonly settings: JournalLogSettings,
    private readonly query: LogQuery,
    private readonly signal: AbortSignal,
  ) {
    this.merge = new LineMerge(settings.clock)
    this.startedAt = settings.clock.now().getTime()
  }

  async *lines(): AsyncIterable<LogLine> {
    const {clock, hosts} = this.settings
    const {follow, lines} = this.query
    const shells = await hosts()
    if (lines !== undefined) yield* await this.lastLines(shells, lines)
    else for (const shell of shells) this.begin(this.enter(shell, this.query.since), (host) => host.past())
    let lookedAt = clock.monotonicMillis()
    while (!this.signal.aborted && !(this.merge.isOver && !follow)) {
      const told = this.merge.take()
      yield* told
      if (follow && clock.monotonicMillis() - lookedAt >= discoverMillis) {
        lookedAt = clock.monotonicMillis()
        this.discovering ??= this.discover().finally(() => (this.discovering = undefined))
      }
      await clock.sleep(told.length > 0 ? 0 : pollMillis, this.signal).catch(() => undefined)
    }
    if (!this.signal.aborted && this.firstFailure !== undefined) throw this.firstFailure
  }

  /** When nothing of it goes on over there. */
  async ended(): Promise<void> {
    this.merge.end()
    await Promise.all(this.tasks)
  }

  /** The last lines of all hosts together. While following, those of a host that takes too long come when they come. */
  private async lastLines(shells: readonly RemoteShell[], count: number): Promise<LogLine[]> {
    const isTooLate = this.query.follow
      ? this.settings.clock.sleep(lateMillis, this.signal).catch(() => undefined)
      : new Promise<void>(() => {})
    const found = await Promise.all(
      shells.map(async (shell) => {
        const host = this.enter(shell, this.query.since)
        const last = host.last(count)
        const inTime = await Promise.race([last, isTooLate])
        this.begin(host, async () => (inTime === undefined ? host.give(await last) : undefined))
        return inTime ?? []
      }),
    )
    return count === 0 ? [] : inOrder(found).slice(-count)
  }

  private enter(shell: RemoteShell, since: number | undefined): HostReading {
    const {clock} = this.settings
    const host = new HostReading({
      ...{shell, clock, startedAt: this.startedAt, feed: this.merge.feed()},
      query: since === undefined ? this.query : {...this.query, since},
      signal: this.signal,
    })
    this.hosts.set(shell.host, host)
    return host
  }

  /** First what was, then what is. */
  private begin(host: HostReading, past: (host: HostReading) => Promise<void>): void {
    const reading = async () => {
      await past(host)
      if (this.query.follow) await host.follow()
      else this.firstFailure ??= host.failure
      host.end()
    }
    const task = reading().finally(() => this.tasks.delete(task))
    this.tasks.add(task)
  }

  /** Who joined is read from the moment on at which this began. */
  private async discover(): Promise<void> {
    const shells = await this.settings.hosts().catch(() => undefined)
    if (shells === undefined) return
    for (const shell of shells) {
      if (!this.hosts.has(shell.host)) this.begin(this.enter(shell, this.startedAt), (host) => host.past())
    }
    const names = new Set(shells.map(({host}) => host))
    for (const [name, host] of this.hosts) {
      if (names.has(name)) continue
      host.leave()
      this.hosts.delete(name)
    }
  }
}
