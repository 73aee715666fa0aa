import {type SqliteDatabase} from './driver.js'
import {fromNewerYard, notAFile} from './failures.js'
import {inTransaction} from './transaction.js'

/** Kept in the file's own header: which layout it has, and that it is yard's. */
const layoutVersion = 1
const applicationId = 0x59_41_52_44

const layout = `
  CREATE TABLE store (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL, compacted INTEGER NOT NULL) STRICT;
  INSERT INTO store VALUES (1, 0, 0);
  -- Without row ids, what has a common prefix is stored together and read at one go.
  CREATE TABLE entries (
    key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL, lease TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entries_by_lease ON entries (lease) WHERE lease IS NOT NULL;
  CREATE TABLE leases (id TEXT PRIMARY KEY NOT NULL, ttl_millis INTEGER NOT NULL, expires_at INTEGER NOT NULL) STRICT;
  CREATE INDEX leases_by_expiry ON leases (expires_at);
  -- A change without a value is a deletion.
  CREATE TABLE changes (
    revision INTEGER NOT NULL, key TEXT NOT NULL, value TEXT, created INTEGER NOT NULL, lease TEXT,
    PRIMARY KEY (revision, key)
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${layoutVersion};
`

/**
 * Whether the database has our layout; false when there is nothing in it yet.
 * @throws YardError E_CATALOG_NEWER, E_CATALOG_URL when it's a database of another program.
 */
export function hasLayout(database: SqliteDatabase, file: string): boolean {
  const version = numberOf(database, 'PRAGMA user_version')
  if (version > layoutVersion) throw fromNewerYard(file)
  if (version === layoutVersion) return true
  const isEmpty = numberOf(database, 'SELECT count(*) FROM sqlite_schema') === 0
  if (!isEmpty && version === 0 && numberOf(database, 'PRAGMA application_id') !== applicationId) {
    throw notAFile(file, 'it is a database of another program')
  }
  return false
}

export function createLayout(database: SqliteDatabase): void {
  database.exec('PRAGMA journal_mode = WAL')
  inTransaction(database, 'BEGIN IMMEDIATE', () => {
    // Another process may have been first.
    if (numberOf(database, 'PRAGMA user_version') === 0) database.exec(layout)
  })
}

function numberOf(database: SqliteDatabase, sql: string): number {
  const row = database.prepare(sql).get() as Record<string, number> | undefined
  return Object.values(row ?? {})[0] ?? 0
}
