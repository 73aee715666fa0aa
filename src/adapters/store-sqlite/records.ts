import {
  type Compare,
  type StoreChange,
  type StoreEntry,
  type WatchBatch,
  type Write,
} from '../../contracts/store.js'
import {compareKeys, prefixEnd} from '../../domain/store-text.js'
import {type SqliteValue} from './driver.js'
import {entriesInPage, entriesOf, entryPageQuery, type EntryPageRow} from './entry-page.js'
import {changeOf, countIn, DamagedContent, entryOf, textOf} from './rows.js'
import {type Statements} from './statements.js'

/** SQLite sorts every blob after every text. */
const afterAllKeys = new Uint8Array([0])

/** The rows of a store. Every method is one step inside a transaction that the caller holds. */
export class Records {
  constructor(
    private readonly statements: Statements,
    private readonly keptRevisions: number,
  ) {}

  revision(): number {
    return countIn(this.statements.row('SELECT revision FROM store'), 'revision')
  }

  entry(key: string): StoreEntry | undefined {
    const row = this.statements.row(
      'SELECT key, value, created, modified, lease FROM entries WHERE key = ?',
      key,
    )
    return row === undefined ? undefined : entryOf(row)
  }

  range(prefix: string): StoreEntry[] {
    const [first, end] = bounds(prefix)
    const entries: StoreEntry[] = []
    for (let [lower, start]: ['>' | '>=', string] = ['>=', first]; ;) {
      const page = this.statements.row(entryPageQuery(lower), start, end) as EntryPageRow
      const found = entriesOf(page)
      if (found === undefined) return [...entries, ...this.rows(lower, start, end)]
      for (const entry of found) entries.push(entry)
      if (page.count < entriesInPage) return entries
      ;[lower, start] = ['>', found.at(-1)?.key ?? start]
    }
  }

  holds(compare: Compare): boolean {
    const column = compare.target === 'created' ? 'created' : 'modified'
    const row = this.statements.row(`SELECT ${column} AS revision FROM entries WHERE key = ?`, compare.key)
    return (row === undefined ? 0 : countIn(row, 'revision')) === compare.revision
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

  leaseMillisLeft(lease: string, now: number): number | undefined {
    const row = this.statements.row('SELECT expires_at AS expiresAt FROM leases WHERE id = ?', lease)
    const left = row === undefined ? 0 : countIn(row, 'expiresAt') - now
    return left > 0 ? left : undefined
  }

  dropLease(lease: string): void {
    this.statements.run('DELETE FROM leases WHERE id = ?', lease)
    const rows = this.statements.rows('SELECT key FROM entries WHERE lease = ?', lease)
    this.apply(rows.map((row) => ({delete: textOf((row as {key: unknown}).key)})))
  }

  hasExpiredLease(now: number): boolean {
    return this.statements.row('SELECT 1 FROM leases WHERE expires_at <= ? LIMIT 1', now) !== undefined
  }

  expiredLeases(now: number): Set<string> {
    const rows = this.statements.rows('SELECT id FROM leases WHERE expires_at <= ?', now)
    return new Set(rows.map((row) => textOf((row as {id: unknown}).id)))
  }

  /** All leases that ran out go in one revision, so that a reader sees a mass loss as one. */
  sweep(now: number): void {
    const rows = this.statements.rows(
      'SELECT key FROM entries WHERE lease IN (SELECT id FROM leases WHERE expires_at <= ?)',
      now,
    )
    this.statements.run('DELETE FROM leases WHERE expires_at <= ?', now)
    this.apply(rows.map((row) => ({delete: textOf((row as {key: unknown}).key)})))
  }

  /** The first batch below the prefix after a revision; undefined when there is none yet. */
  nextBatch(prefix: string, seen: number): WatchBatch | undefined {
    const row = this.statements.row('SELECT revision, compacted FROM store')
    const revision = countIn(row, 'revision')
    if (seen < countIn(row, 'compacted') || seen > revision) return {kind: 'compacted', revision}
    if (seen === revision) return undefined
    const next = this.statements.row(
      'SELECT revision FROM changes WHERE revision > ? AND key >= ? AND key < ? ORDER BY revision LIMIT 1',
      seen,
      ...bounds(prefix),
    )
    if (next === undefined) return undefined
    const found = countIn(next, 'revision')
    if (found <= seen || found > revision) throw new DamagedContent('a change has a revision that never was')
    return {kind: 'changes', revision: found, changes: this.changesOf(found, prefix)}
  }

  private changesOf(revision: number, prefix: string): StoreChange[] {
    const rows = this.statements.rows(
      'SELECT key, value, created, lease FROM changes WHERE revision = ? AND key >= ? AND key < ?',
      revision,
      ...bounds(prefix),
    )
    return rows
      .map((row) => changeOf(row, revision))
      .sort((left, right) => compareKeys(keyOf(left), keyOf(right)))
  }

  /** Entries that no page can hold are read one by one. */
  private rows(lower: '>' | '>=', start: string, end: SqliteValue): StoreEntry[] {
    const rows = this.statements.rows(
      `SELECT key, value, created, modified, lease FROM entries WHERE key ${lower} ? AND key < ? ORDER BY key`,
      start,
      end,
    )
    return rows.map(entryOf)
  }

  private put(key: string, value: string, lease: string | null, revision: number): void {
    const row = this.statements.row(
      `INSERT INTO entries (key, value, created, modified, lease) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, modified = excluded.modified, lease = excluded.lease
       RETURNING created`,
      key,
      value,
      revision,
      revision,
      lease,
    )
    const created = countIn(row, 'created')
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

function keyOf(change: StoreChange): string {
  return change.kind === 'put' ? change.entry.key : change.key
}
