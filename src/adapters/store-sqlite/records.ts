import {
  type Compare,
  type StoreChange,
  type StoreEntry,
  type WatchBatch,
  type Write,
} from '../../contracts/store.js'
import {compareKeys, prefixEnd} from '../../domain/store-text.js'
import {type SqliteValue} from './driver.js'
import {type Statements} from './statements.js'

interface EntryRow {
  key: string
  value: string
  created: number
  modified: number
  lease: string | null
}

type ChangeRow = Omit<EntryRow, 'value' | 'modified'> & {value: string | null}

/** SQLite sorts every blob after every text. */
const afterAllKeys = new Uint8Array([0])

/** The rows of a store. Every method is one step inside a transaction that the caller holds. */
export class Records {
  constructor(
    private readonly statements: Statements,
    private readonly keptRevisions: number,
  ) {}

  revision(): number {
    return (this.statements.row('SELECT revision FROM store') as {revision: number}).revision
  }

  entry(key: string): StoreEntry | undefined {
    const row = this.statements.row(
      'SELECT key, value, created, modified, lease FROM entries WHERE key = ?',
      key,
    )
    return row === undefined ? undefined : entryOf(row as EntryRow)
  }

  range(prefix: string): StoreEntry[] {
    const rows = this.statements.rows(
      'SELECT key, value, created, modified, lease FROM entries WHERE key >= ? AND key < ? ORDER BY key',
      ...bounds(prefix),
    )
    return (rows as EntryRow[]).map(entryOf)
  }

  holds(compare: Compare): boolean {
    const column = compare.target === 'created' ? 'created' : 'modified'
    const row = this.statements.row(`SELECT ${column} AS revision FROM entries WHERE key = ?`, compare.key)
    return ((row as {revision: number} | undefined)?.revision ?? 0) === compare.revision
  }

  /** Returns the revision of the writes, which is the old one when they change nothing. */
  apply(writes: readonly Write[]): number {
    const before = this.revision()
    const effective = writes.filter((write) => 'put' in write || this.entry(write.delete) !== undefined)
    if (effective.length === 0) return before
    const revision = before + 1
    for (const write of effective) {
      if ('put' in write) this.put(write.put, write.value, write.lease ?? null, revision)
      else this.delete(write.delete, revision)
    }
    this.statements.run('UPDATE store SET revision = ?', revision)
    this.compact(revision)
    return revision
  }

  hasLease(lease: string): boolean {
    return this.statements.row('SELECT 1 FROM leases WHERE id = ?', lease) !== undefined
  }

  grantLease(lease: string, ttlMillis: number, now: number): void {
    this.statements.run('INSERT INTO leases VALUES (?, ?, ?)', lease, ttlMillis, now + ttlMillis)
  }

  renewLease(lease: string, now: number): boolean {
    return this.statements.run('UPDATE leases SET expires_at = ? + ttl_millis WHERE id = ?', now, lease) > 0
  }

  dropLease(lease: string): void {
    this.statements.run('DELETE FROM leases WHERE id = ?', lease)
    const rows = this.statements.rows('SELECT key FROM entries WHERE lease = ?', lease)
    this.apply((rows as {key: string}[]).map(({key}) => ({delete: key})))
  }

  hasExpiredLease(now: number): boolean {
    return this.statements.row('SELECT 1 FROM leases WHERE expires_at <= ? LIMIT 1', now) !== undefined
  }

  /** All leases that ran out go in one revision, so that a reader sees a mass loss as one. */
  sweep(now: number): void {
    const rows = this.statements.rows(
      'SELECT key FROM entries WHERE lease IN (SELECT id FROM leases WHERE expires_at <= ?)',
      now,
    )
    this.statements.run('DELETE FROM leases WHERE expires_at <= ?', now)
    this.apply((rows as {key: string}[]).map(({key}) => ({delete: key})))
  }

  /** The first batch below the prefix after a revision; undefined when there is none yet. */
  nextBatch(prefix: string, seen: number): WatchBatch | undefined {
    const {revision, compacted} = this.statements.row('SELECT revision, compacted FROM store') as {
      revision: number
      compacted: number
    }
    if (seen < compacted || seen > revision) return {kind: 'compacted', revision}
    if (seen === revision) return undefined
    const next = this.statements.row(
      'SELECT revision FROM changes WHERE revision > ? AND key >= ? AND key < ? ORDER BY revision LIMIT 1',
      seen,
      ...bounds(prefix),
    ) as {revision: number} | undefined
    return next && {kind: 'changes', revision: next.revision, changes: this.changesOf(next.revision, prefix)}
  }

  private changesOf(revision: number, prefix: string): StoreChange[] {
    const rows = this.statements.rows(
      'SELECT key, value, created, lease FROM changes WHERE revision = ? AND key >= ? AND key < ?',
      revision,
      ...bounds(prefix),
    ) as ChangeRow[]
    rows.sort((left, right) => compareKeys(left.key, right.key))
    return rows.map((row) => changeOf(row, revision))
  }

  private put(key: string, value: string, lease: string | null, revision: number): void {
    const {created} = this.statements.row(
      `INSERT INTO entries (key, value, created, modified, lease) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, modified = excluded.modified, lease = excluded.lease
       RETURNING created`,
      key,
      value,
      revision,
      revision,
      lease,
    ) as {created: number}
    this.statements.run('INSERT INTO changes VALUES (?, ?, ?, ?, ?)', revision, key, value, created, lease)
  }

  private delete(key: string, revision: number): void {
    this.statements.run('DELETE FROM entries WHERE key = ?', key)
    this.statements.run('INSERT INTO changes VALUES (?, ?, NULL, 0, NULL)', revision, key)
  }

  /** Forgets old changes, a tenth at a time so that few transactions pay for it. */
  private compact(revision: number): void {
    const step = Math.max(1, Math.floor(this.keptRevisions / 10))
    const compacted = revision - this.keptRevisions
    if (compacted <= 0 || compacted % step !== 0) return
    this.statements.run('DELETE FROM changes WHERE revision <= ?', compacted)
    this.statements.run('UPDATE store SET compacted = ?', compacted)
  }
}

function bounds(prefix: string): [string, SqliteValue] {
  return [prefix, prefixEnd(prefix) ?? afterAllKeys]
}

function entryOf({key, value, created, modified, lease}: EntryRow): StoreEntry {
  const entry: StoreEntry = {key, value, createRevision: created, modRevision: modified}
  return lease === null ? entry : {...entry, lease}
}

function changeOf({key, value, created, lease}: ChangeRow, revision: number): StoreChange {
  if (value === null) return {kind: 'delete', key}
  return {kind: 'put', entry: entryOf({key, value, created, modified: revision, lease})}
}
