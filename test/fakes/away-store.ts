import {
  type Compare,
  type Store,
  type StoreEntry,
  type StorePart,
  type StoreRange,
  type TransactResult,
  type WatchBatch,
  type Write,
} from '../../src/contracts/store.js'
import {YardError} from '../../src/errors.js'

/** A store that can be away: nothing answers then, and watches say nothing. Counts what it is asked. */
export class AwayStore implements Store {
  isAway = false
  lists = 0
  requests = 0
  /** Called at each list. */
  onList: (prefix: string) => void = () => undefined
  /** Changes what a list or a watch brings, as a broken store would. */
  spoilRange: (range: StoreRange) => StoreRange = (range) => range
  spoilBatch: (batch: WatchBatch) => WatchBatch | undefined = (batch) => batch

  private readonly watches = new Set<AbortController>()

  constructor(public inner: Store) {}

  get url(): string {
    return this.inner.url
  }

  async get(key: string): Promise<StoreEntry | undefined> {
    this.ask()
    return this.inner.get(key)
  }

  async range(prefix: string): Promise<StoreRange> {
    this.lists += 1
    this.onList(prefix)
    this.ask()
    return this.spoilRange(await this.inner.range(prefix))
  }

  async transact(compares: readonly Compare[], writes: readonly Write[]): Promise<TransactResult> {
    this.ask()
    return this.inner.transact(compares, writes)
  }

  async *watch(prefix: string, fromRevision: number, signal: AbortSignal): AsyncIterable<WatchBatch> {
    const cut = new AbortController()
    const end = () => cut.abort()
    signal.addEventListener('abort', end, {once: true})
    this.watches.add(cut)
    try {
      for await (const batch of this.inner.watch(prefix, fromRevision, cut.signal)) {
        const passed = this.spoilBatch(batch)
        if (passed !== undefined) yield passed
      }
    } finally {
      signal.removeEventListener('abort', end)
      this.watches.delete(cut)
    }
  }

  /** Ends every watch, as a store does that gives up. */
  cutWatches(): void {
    for (const cut of [...this.watches]) cut.abort()
  }

  async grantLease(ttlMillis: number): Promise<string> {
    this.ask()
    return this.inner.grantLease(ttlMillis)
  }

  async renewLease(lease: string): Promise<boolean> {
    this.ask()
    return this.inner.renewLease(lease)
  }

  async revokeLease(lease: string): Promise<void> {
    this.ask()
    await this.inner.revokeLease(lease)
  }

  async leaseMillisLeft(lease: string): Promise<number | undefined> {
    this.ask()
    return this.inner.leaseMillisLeft(lease)
  }

  async health(): Promise<StorePart[]> {
    return this.inner.health()
  }

  async close(): Promise<void> {
    await this.inner.close()
  }

  private ask(): void {
    this.requests += 1
    if (!this.isAway) return
    throw new YardError('E_CATALOG_UNREACHABLE', {
      what: "Can't reach the catalog",
      why: 'nothing answers',
      next: ['yard catalog show'],
    })
  }
}
