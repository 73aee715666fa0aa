/**
 * What yard asks of a store: ordered revisions, compare-and-swap over several keys, resumable watches, leases.
 * Every adapter passes `test/contracts/store.ts`. Values are strings; what they mean is the catalog's business.
 * Revisions only grow. They begin anywhere, and may grow by more than one: others may use the same store.
 *
 * Keys are not empty. Keys and values hold no NUL and no half of a surrogate pair: such a write is a mistake of the
 * caller and throws a TypeError, as does naming a key twice in one transaction.
 */
export interface Store {
  /** Where this store is, for people: `sqlite:/path/catalog.db`. */
  readonly url: string
  get(key: string): Promise<StoreEntry | undefined>
  /** All entries whose key starts with `prefix`, sorted by key (the order of UTF-8 bytes), at one revision. */
  range(prefix: string): Promise<StoreRange>
  /**
   * Applies all writes when every compare holds, else none. One revision for all of them; when nothing changes
   * (no writes, or only deletes of absent keys) the revision stays. A put under a lease that is gone counts as a
   * compare that doesn't hold.
   */
  transact(compares: readonly Compare[], writes: readonly Write[]): Promise<TransactResult>
  /**
   * Yields what changed below `prefix` after `fromRevision`, one batch for each revision and in their order, each
   * sorted by key, until the signal aborts (then it ends). A history that was compacted away, or a revision that
   * this store hasn't reached (it was replaced by an older copy), yields one `compacted` batch and ends: the reader
   * lists again.
   */
  watch(prefix: string, fromRevision: number, signal: AbortSignal): AsyncIterable<WatchBatch>
  /** A lease deletes the entries put under it when it isn't renewed in time. */
  grantLease(ttlMillis: number): Promise<string>
  /** False when the lease is gone: its entries are, too. */
  renewLease(lease: string): Promise<boolean>
  revokeLease(lease: string): Promise<void>
  /** Milliseconds until the lease runs out unless it is renewed; undefined when it is gone. */
  leaseMillisLeft(lease: string): Promise<number | undefined>
  /** How the parts of the store are: its file, the members of its cluster. Never throws because one is unwell. */
  health(): Promise<StorePart[]>
  /** Ends every watch. */
  close(): Promise<void>
}

/** A transaction holds at most this many compares, and at most this many writes: the limit of an etcd as it comes. */
export const maxTransactionWrites = 128

/** One part of a store, for people. */
export interface StorePart {
  /** Such as `file`, or a member's address. */
  name: string
  isHealthy: boolean
  /** Versions, sizes, who leads; or what is wrong. */
  detail: string
}

export interface StoreEntry {
  key: string
  value: string
  createRevision: number
  modRevision: number
  lease?: string
}

export interface StoreRange {
  entries: StoreEntry[]
  revision: number
}

/** Revision 0 stands for "the key is absent". */
export type Compare =
  {key: string; target: 'created'; revision: number} | {key: string; target: 'modified'; revision: number}

export type Write = {put: string; value: string; lease?: string} | {delete: string}

export interface TransactResult {
  succeeded: boolean
  /** The revision of the writes, or the store's when a compare did not hold. */
  revision: number
}

export type WatchBatch =
  {kind: 'changes'; revision: number; changes: StoreChange[]} | {kind: 'compacted'; revision: number}

export type StoreChange = {kind: 'put'; entry: StoreEntry} | {kind: 'delete'; key: string}
