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
  /** Called when it has refused something. */
  onRefused: () => void = () => undefined
  /** Called at each list. */
  onList: (prefix: string) => void = () => undefined
  /** Changes what a list or a watch brings, as a broken store would. */
  spoilRange: (range: StoreRange) => StoreRange = (range) => range
  spoilBatch: (batch: WatchBatch) => WatchBatch | undefined = (batch) => batch

  private readonly watches = new Set<AbortController>()
  private goes: {at: number; isDone: boolean} | undefined

  constructor(public inner: Store) {}

  get url(): string {
    return this.inner.url
  }

  async get(key: string): Promise<StoreEntry | undefined> {
    return this.asked(() => this.inner.get(key))
  }

  async range(prefix: string): Promise<StoreRange> {
    this.lists += 1
    this.onList(prefix)
    return this.asked(async () => this.spoilRange(await this.inner.range(prefix)))
  }

  async transact(compares: readonly Compare[], writes: readonly Write[]): Promise<TransactResult> {
    return this.asked(() => this.inner.transact(compares, writes))
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

  /** It is away from the nth question on, counted from now; of that one only the answer is lost where it is done. */
  goesAt(question: number, {isDone}: {isDone: boolean}): void {
    this.goes = {at: this.requests + question + 1, isDone}
  }

  /** Ends every watch, as a store does that gives up. */
  cutWatches(): void {
    for (const cut of [...this.watches]) cut.abort()
  }

  async grantLease(ttlMillis: number): Promise<string> {
    return this.asked(() => this.inner.grantLease(ttlMillis))
  }

  async renewLease(lease: string): Promise<boolean> {
    return this.asked(() => this.inner.renewLease(lease))
  }

  async revokeLease(lease: string): Promise<void> {
    await this.asked(() => this.inner.revokeLease(lease))
  }

  async leaseMillisLeft(lease: string): Promise<number | undefined> {
    return this.asked(() => this.inner.leaseMillisLeft(lease))
  }

  async health(): Promise<StorePart[]> {
    return this.inner.health()
  }

  async close(): Promise<void> {
    await this.inner.close()
  }

  private async asked<T>(work: () => Promise<T>): Promise<T> {
    this.requests += 1
    const isGoing = this.requests === this.goes?.at
    if (isGoing) this.isAway = true
    const isLost = isGoing && this.goes?.isDone === true
    if (!this.isAway) return work()
    if (isLost) await work()
    this.onRefused()
    throw new YardError('E_CATALOG_UNREACHABLE', {
      what: "Can't reach the catalog",
      why: 'nothing answers',
      next: ['yard catalog show'],
    })
  }
}
