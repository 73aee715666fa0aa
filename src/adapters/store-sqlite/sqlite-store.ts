import {randomUUID} from 'node:crypto'

import {
  type Compare,
  maxTransactionWrites,
  type Store,
  type StoreEntry,
  type StorePart,
  type StoreRange,
  type TransactResult,
  type WatchBatch,
  type Write,
} from '../../contracts/store.js'
import {checkStoreTransaction} from '../../domain/store-text.js'
import {Connection, type ConnectionSettings} from './connection.js'
import {explain} from './failures.js'
import {partsOf} from './health.js'
import {patiently} from './patiently.js'
import {type Records} from './records.js'
import {Waiters} from './waiters.js'

/** `file` is an absolute path; the file and its directory are made, for this user only, when missing. */
interface SqliteStoreOptions extends ConnectionSettings {
  /** Milliseconds since 1970, for leases: the one clock that all processes on a machine share. */
  now?: () => number
}

/**
 * Opens the store for reading only where this user may not write; its writes are then refused with E_PERMISSION.
 * @throws YardError E_CATALOG_CORRUPT, E_CATALOG_NEWER, E_CATALOG_URL, E_PERMISSION, E_DISK_FULL, E_CATALOG_UNREACHABLE
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  return new SqliteStore(await Connection.open(options), options)
}

class SqliteStore implements Store {
  readonly url: string
  private readonly now: () => number
  private readonly waiters = new Waiters(() => this.look())
  private ownCommits = 0
  private isClosed = false

  constructor(
    private readonly connection: Connection,
    private readonly options: SqliteStoreOptions,
  ) {
    this.url = `sqlite:${options.file}`
    this.now = options.now ?? Date.now
  }

  async get(key: string): Promise<StoreEntry | undefined> {
    return this.reading((records) => {
      const entry = records.entry(key)
      return entry && this.living(records, [entry])[0]
    })
  }

  async range(prefix: string): Promise<StoreRange> {
    return this.reading((records) => ({
      revision: records.revision(),
      entries: this.living(records, records.range(prefix)),
    }))
  }

  async transact(compares: readonly Compare[], writes: readonly Write[]): Promise<TransactResult> {
    checkStoreTransaction(compares, writes, maxTransactionWrites)
    return this.writing((records) => {
      const succeeded = compares.every((compare) => records.holds(compare)) && hasLeasesOf(records, writes)
      return {succeeded, revision: succeeded ? records.apply(writes) : records.revision()}
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
    await this.writing((records) => {
      records.grantLease(lease, ttlMillis, this.now())
    })
    return lease
  }

  async renewLease(lease: string): Promise<boolean> {
    return this.writing((records) => records.renewLease(lease, this.now()))
  }

  async revokeLease(lease: string): Promise<void> {
    await this.writing((records) => {
      records.dropLease(lease)
    })
  }

  async leaseMillisLeft(lease: string): Promise<number | undefined> {
    return this.reading((records) => records.leaseMillisLeft(lease, this.now()))
  }

  async health(): Promise<StorePart[]> {
    return partsOf(this.connection, this.options.file)
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    this.waiters.wakeAll()
    if (this.ownCommits > 0) this.connection.checkpoint()
    this.connection.close()
  }

  /** One snapshot, in which no lease has run out. */
  private async reading<T>(read: (records: Records) => T): Promise<T> {
    await this.sweepIfDue()
    return this.call(() => this.connection.read(read))
  }

  private async writing<T>(write: (records: Records) => T): Promise<T> {
    const result = await this.call(() =>
      this.connection.write((records) => {
        if (records.hasExpiredLease(this.now())) records.sweep(this.now())
        return write(records)
      }),
    )
    this.ownCommits += 1
    this.waiters.wakeAll()
    return result
  }

  private async sweepIfDue(): Promise<void> {
    if (this.connection.isReadOnly) return
    const isDue = await this.call(() => this.connection.hasExpiredLease(this.now()))
    if (isDue) await this.writing(() => undefined)
  }

  /** Who may only read can't remove what was kept by leases that ran out, but leaves it out. */
  private living(records: Records, entries: StoreEntry[]): StoreEntry[] {
    if (!this.connection.isReadOnly) return entries
    const expired = records.expiredLeases(this.now())
    return entries.filter(({lease}) => lease === undefined || !expired.has(lease))
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
        const {batch, revision} = await this.reading((records) => ({
          batch: records.nextBatch(prefix, seen),
          revision: records.revision(),
        }))
        if (batch !== undefined) return batch
        seen = revision
        if (!this.isOver(signal)) await this.waiters.wait(state, signal)
      }
    } catch (error) {
      if (!this.isOver(signal)) throw error
    }
    return undefined
  }

  private isOver(signal: AbortSignal): boolean {
    return signal.aborted || this.isClosed
  }

  private async look(): Promise<string> {
    await this.sweepIfDue()
    return this.state()
  }

  /** Differs whenever this process or another one has written. */
  private async state(): Promise<string> {
    return this.call(() => `${this.connection.version()} ${this.ownCommits}`)
  }
}

function hasLeasesOf(records: Records, writes: readonly Write[]): boolean {
  return writes.every(
    (write) => !('put' in write) || write.lease === undefined || records.hasLease(write.lease),
  )
}
