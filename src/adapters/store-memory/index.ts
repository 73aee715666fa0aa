import {randomUUID} from 'node:crypto'

import {
  type Compare,
  maxTransactionWrites,
  type Store,
  type StoreChange,
  type StoreEntry,
  type StorePart,
  type StoreRange,
  type TransactResult,
  type WatchBatch,
  type Write,
} from '../../contracts/store.js'
import {checkStoreTransaction, compareKeys} from '../../domain/store-text.js'

interface MemoryStoreOptions {
  /** Milliseconds since 1970, for leases. */
  now?: () => number
  /** How many of the newest revisions a watch can resume from. */
  keptRevisions?: number
}

interface Lease {
  ttlMillis: number
  expiresAt: number
}

/** How often leases that ran out are looked for while watches wait and nobody uses the store. */
const pollMillis = 25

/** A store that is gone with its process: for tests and dry runs. It keeps every promise of the contract. */
export class MemoryStore implements Store {
  readonly url = 'memory:'
  private readonly now: () => number
  private readonly keptRevisions: number
  private readonly entries = new Map<string, StoreEntry>()
  private readonly leases = new Map<string, Lease>()
  private readonly waiting = new Set<() => void>()
  private history: {revision: number; changes: StoreChange[]}[] = []
  private revision = 0
  private isClosed = false
  private timer: NodeJS.Timeout | undefined

  constructor(options: MemoryStoreOptions = {}) {
    this.now = options.now ?? Date.now
    this.keptRevisions = options.keptRevisions ?? 10_000
  }

  async get(key: string): Promise<StoreEntry | undefined> {
    this.beginAccess()
    const entry = this.entries.get(key)
    return entry && {...entry}
  }

  async range(prefix: string): Promise<StoreRange> {
    this.beginAccess()
    const entries = [...this.entries.values()].filter((entry) => entry.key.startsWith(prefix))
    entries.sort((left, right) => compareKeys(left.key, right.key))
    return {entries: entries.map((entry) => ({...entry})), revision: this.revision}
  }

  async transact(compares: readonly Compare[], writes: readonly Write[]): Promise<TransactResult> {
    checkStoreTransaction(compares, writes, maxTransactionWrites)
    this.beginAccess()
    const succeeded = compares.every((compare) => this.holds(compare)) && this.hasLeasesOf(writes)
    if (succeeded) this.apply(writes)
    return {succeeded, revision: this.revision}
  }

  async *watch(prefix: string, fromRevision: number, signal: AbortSignal): AsyncIterable<WatchBatch> {
    let seen = fromRevision
    while (!signal.aborted && !this.isClosed) {
      this.sweep()
      const forgotten = this.revision - this.history.length
      if (seen < forgotten || seen > this.revision) {
        yield {kind: 'compacted', revision: this.revision}
        return
      }
      const batch = this.nextBatch(prefix, seen)
      seen = batch?.revision ?? this.revision
      if (batch === undefined) await this.somethingNew(signal)
      else yield batch
    }
  }

  async grantLease(ttlMillis: number): Promise<string> {
    this.beginAccess()
    const lease = randomUUID()
    this.leases.set(lease, {ttlMillis, expiresAt: this.now() + ttlMillis})
    return lease
  }

  async renewLease(lease: string): Promise<boolean> {
    this.beginAccess()
    const granted = this.leases.get(lease)
    if (granted === undefined) return false
    granted.expiresAt = this.now() + granted.ttlMillis
    return true
  }

  async revokeLease(lease: string): Promise<void> {
    this.beginAccess()
    this.dropLeases(new Set([lease]))
  }

  async leaseMillisLeft(lease: string): Promise<number | undefined> {
    this.beginAccess()
    const granted = this.leases.get(lease)
    return granted && granted.expiresAt - this.now()
  }

  async health(): Promise<StorePart[]> {
    const detail = `${this.entries.size} entries at revision ${this.revision}, gone when this program ends`
    return [{name: 'memory', isHealthy: true, detail}]
  }

  /** Forgets the history up to the present revision: watches from before it have to list again. */
  compact(): void {
    this.history = []
    this.wakeWatches()
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.wakeWatches()
  }

  private beginAccess(): void {
    if (this.isClosed) throw new Error('the store is closed')
    this.sweep()
  }

  private holds(compare: Compare): boolean {
    const entry = this.entries.get(compare.key)
    const revision = compare.target === 'created' ? entry?.createRevision : entry?.modRevision
    return (revision ?? 0) === compare.revision
  }

  private hasLeasesOf(writes: readonly Write[]): boolean {
    return writes.every(
      (write) => !('put' in write) || write.lease === undefined || this.leases.has(write.lease),
    )
  }

  private apply(writes: readonly Write[]): void {
    const effective = writes.filter((write) => 'put' in write || this.entries.has(write.delete))
    if (effective.length === 0) return
    this.revision += 1
    const changes = effective.map((write) => this.applyOne(write))
    changes.sort((left, right) => compareKeys(keyOf(left), keyOf(right)))
    this.history.push({revision: this.revision, changes})
    if (this.history.length > this.keptRevisions) this.history = this.history.slice(-this.keptRevisions)
    this.wakeWatches()
  }

  private applyOne(write: Write): StoreChange {
    if ('delete' in write) {
      this.entries.delete(write.delete)
      return {kind: 'delete', key: write.delete}
    }
    const createRevision = this.entries.get(write.put)?.createRevision ?? this.revision
    const entry: StoreEntry = {key: write.put, value: write.value, createRevision, modRevision: this.revision}
    if (write.lease !== undefined) entry.lease = write.lease
    this.entries.set(write.put, entry)
    return {kind: 'put', entry}
  }

  private sweep(): void {
    const now = this.now()
    const expired = new Set<string>()
    for (const [lease, {expiresAt}] of this.leases) if (expiresAt <= now) expired.add(lease)
    if (expired.size > 0) this.dropLeases(expired)
  }

  private dropLeases(leases: ReadonlySet<string>): void {
    for (const lease of leases) this.leases.delete(lease)
    const orphans = [...this.entries.values()].filter(({lease}) => lease !== undefined && leases.has(lease))
    this.apply(orphans.map(({key}) => ({delete: key})))
  }

  private nextBatch(prefix: string, seen: number): WatchBatch | undefined {
    const firstKept = this.revision - this.history.length + 1
    for (let index = Math.max(0, seen + 1 - firstKept); index < this.history.length; index++) {
      const past = this.history[index]
      const changes = past?.changes.filter((change) => keyOf(change).startsWith(prefix)) ?? []
      if (past !== undefined && changes.length > 0) {
        return {kind: 'changes', revision: past.revision, changes: structuredClone(changes)}
      }
    }
    return undefined
  }

  private somethingNew(signal: AbortSignal): Promise<void> {
    this.timer ??= setInterval(() => {
      this.sweep()
    }, pollMillis)
    return new Promise((resolve) => {
      const finish = () => {
        this.waiting.delete(finish)
        signal.removeEventListener('abort', finish)
        if (this.waiting.size === 0) this.stopTimer()
        resolve()
      }
      this.waiting.add(finish)
      signal.addEventListener('abort', finish, {once: true})
    })
  }

  private stopTimer(): void {
    clearInterval(this.timer)
    this.timer = undefined
  }

  private wakeWatches(): void {
    for (const wake of [...this.waiting]) wake()
  }
}

function keyOf(change: StoreChange): string {
  return change.kind === 'put' ? change.entry.key : change.key
}
