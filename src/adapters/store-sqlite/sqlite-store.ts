import {randomUUID} from 'node:crypto'

import {
  type Compare,
  type Store,
  type StoreEntry,
  type StoreRange,
  type TransactResult,
  type WatchBatch,
  type Write,
} from '../../contracts/store.js'
import {checkStoreWrites} from '../../domain/store-text.js'
import {type SqliteDatabase, type SqliteDriverName} from './driver.js'
import {explain} from './failures.js'
import {openDatabase, rollBack} from './open.js'
import {patiently} from './patiently.js'
import {Records} from './records.js'
import {Statements} from './statements.js'

interface SqliteStoreOptions {
  /** Absolute path; the file and its directory are made, for this user only, when missing. */
  file: string
  /** Hears what does not stop the work, such as an old SQLite. */
  warn?: (text: string) => void
  /** Milliseconds since 1970, for leases: the one clock that all processes on a machine share. */
  now?: () => number
  /** How many of the newest revisions a watch can resume from, at least. */
  keptRevisions?: number
  driver?: SqliteDriverName
}

/** @throws YardError E_CATALOG_CORRUPT, E_CATALOG_NEWER, E_CATALOG_URL, E_PERMISSION, E_DISK_FULL, E_CATALOG_UNREACHABLE */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  return new SqliteStore(await openDatabase(options), options)
}

/** How soon a watch sees what another process wrote. */
const pollMillis = 25

class SqliteStore implements Store {
  readonly url: string
  private readonly now: () => number
  private readonly statements: Statements
  private readonly records: Records
  private readonly waiting = new Set<() => void>()
  private ownCommits = 0
  private isClosed = false

  constructor(
    private readonly database: SqliteDatabase,
    private readonly options: SqliteStoreOptions,
  ) {
    this.url = `sqlite:${options.file}`
    this.now = options.now ?? Date.now
    this.statements = new Statements(database)
    this.records = new Records(this.statements, options.keptRevisions ?? 10_000)
  }

  async get(key: string): Promise<StoreEntry | undefined> {
    return this.reading(() => this.records.entry(key))
  }

  async range(prefix: string): Promise<StoreRange> {
    return this.reading(() => ({revision: this.records.revision(), entries: this.records.range(prefix)}))
  }

  async transact(compares: readonly Compare[], writes: readonly Write[]): Promise<TransactResult> {
    checkStoreWrites(writes)
    return this.writing(() => {
      const succeeded = compares.every((compare) => this.records.holds(compare)) && this.hasLeasesOf(writes)
      return {succeeded, revision: succeeded ? this.records.apply(writes) : this.records.revision()}
    })
  }

  async *watch(prefix: string, fromRevision: number, signal: AbortSignal): AsyncIterable<WatchBatch> {
    let seen = fromRevision
    for (;;) {
      const batch = await this.nextBatch(prefix, seen, signal)
      if (batch === undefined) return
      yield batch
      if (batch.kind === 'compacted') return
      seen = batch.revision
    }
  }

  async grantLease(ttlMillis: number): Promise<string> {
    const lease = randomUUID()
    await this.writing(() => {
      this.records.grantLease(lease, ttlMillis, this.now())
    })
    return lease
  }

  async renewLease(lease: string): Promise<boolean> {
    return this.writing(() => this.records.renewLease(lease, this.now()))
  }

  async revokeLease(lease: string): Promise<void> {
    await this.writing(() => {
      this.records.dropLease(lease)
    })
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    this.wakeWatches()
    if (this.ownCommits > 0) this.checkpoint()
    this.database.close()
  }

  /**
   * Brings the log into the file, so that the file alone is the catalog. Closing does it too, but the package keeps
   * its statements, and with them the connection, until they are collected.
   */
  private checkpoint(): void {
    try {
      this.database.exec('PRAGMA wal_checkpoint(PASSIVE)')
    } catch {
      // The log is as good a place; the next program to close the file does this again.
    }
  }

  private hasLeasesOf(writes: readonly Write[]): boolean {
    return writes.every(
      (write) => !('put' in write) || write.lease === undefined || this.records.hasLease(write.lease),
    )
  }

  /** One snapshot, in which no lease has run out. */
  private async reading<T>(read: () => T): Promise<T> {
    await this.sweepIfDue()
    return this.call(() => this.inTransaction('BEGIN', read))
  }

  private async writing<T>(write: () => T): Promise<T> {
    const result = await this.call(() =>
      this.inTransaction('BEGIN IMMEDIATE', () => {
        if (this.records.hasExpiredLease(this.now())) this.records.sweep(this.now())
        return write()
      }),
    )
    this.ownCommits += 1
    this.wakeWatches()
    return result
  }

  private async sweepIfDue(): Promise<void> {
    const isDue = await this.call(() => this.records.hasExpiredLease(this.now()))
    if (isDue) await this.writing(() => undefined)
  }

  private inTransaction<T>(begin: string, action: () => T): T {
    this.database.exec(begin)
    try {
      const result = action()
      this.database.exec('COMMIT')
      return result
    } catch (error) {
      rollBack(this.database)
      throw error
    }
  }

  /** Waits for other processes, and translates what SQLite says. */
  private async call<T>(action: () => T): Promise<T> {
    try {
      return await patiently(() => {
        if (this.isClosed) throw new Error('the store is closed')
        return action()
      })
    } catch (error) {
      throw explain(error, this.options.file)
    }
  }

  /** Waits for the next batch; undefined once the watch is over. */
  private async nextBatch(
    prefix: string,
    from: number,
    signal: AbortSignal,
  ): Promise<WatchBatch | undefined> {
    let seen = from
    try {
      while (!this.isOver(signal)) {
        const state = await this.state()
        const {batch, revision} = await this.reading(() => ({
          batch: this.records.nextBatch(prefix, seen),
          revision: this.records.revision(),
        }))
        if (batch !== undefined) return batch
        seen = revision
        await this.somethingNew(state, signal)
      }
    } catch (error) {
      if (!this.isOver(signal)) throw error
    }
    return undefined
  }

  private isOver(signal: AbortSignal): boolean {
    return signal.aborted || this.isClosed
  }

  /** Differs whenever this process or another one has written. */
  private async state(): Promise<string> {
    const row = await this.call(() => this.statements.row('PRAGMA data_version'))
    return `${(row as {data_version: number}).data_version}.${this.ownCommits}`
  }

  private async somethingNew(state: string, signal: AbortSignal): Promise<void> {
    while (!this.isOver(signal)) {
      await this.sweepIfDue()
      if ((await this.state()) !== state) return
      await this.pause(signal)
    }
  }

  private pause(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer)
        this.waiting.delete(finish)
        signal.removeEventListener('abort', finish)
        resolve()
      }
      const timer = setTimeout(finish, pollMillis)
      this.waiting.add(finish)
      signal.addEventListener('abort', finish, {once: true})
    })
  }

  private wakeWatches(): void {
    for (const wake of [...this.waiting]) wake()
  }
}
