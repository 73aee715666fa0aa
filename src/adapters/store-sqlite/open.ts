import fs from 'node:fs'
import path from 'node:path'

import {isSafeVersion, loadSqlite, type SqliteDatabase, type SqliteDriverName} from './driver.js'
import {explain, fromNewerYard, notAFile} from './failures.js'
import {patiently} from './patiently.js'

/** Kept in the file's own header: which layout it has, and that it is yard's. */
const layoutVersion = 1
const applicationId = 0x59_41_52_44

/** Short, because a wait inside SQLite stops the whole program; `patiently` does the long waiting. */
const busyTimeoutMillis = 500

const layout = `
  CREATE TABLE store (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL, compacted INTEGER NOT NULL) STRICT;
  INSERT INTO store VALUES (1, 0, 0);
  CREATE TABLE entries (
    key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL, lease TEXT
  ) STRICT;
  CREATE INDEX entries_by_lease ON entries (lease) WHERE lease IS NOT NULL;
  CREATE TABLE leases (id TEXT PRIMARY KEY NOT NULL, ttl_millis INTEGER NOT NULL, expires_at INTEGER NOT NULL) STRICT;
  CREATE INDEX leases_by_expiry ON leases (expires_at);
  -- A change without a value is a deletion.
  CREATE TABLE changes (
    revision INTEGER NOT NULL, key TEXT NOT NULL, value TEXT, created INTEGER NOT NULL, lease TEXT,
    PRIMARY KEY (revision, key)
  ) STRICT;
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${layoutVersion};
`

export interface OpenSettings {
  file: string
  warn?: (text: string) => void
  driver?: SqliteDriverName
}

/**
 * Opens the file and brings it to our layout; makes it, for this user only, when it's missing.
 * @throws YardError for everything a person can mend.
 */
export async function openDatabase(settings: OpenSettings): Promise<SqliteDatabase> {
  const {file} = settings
  const {DatabaseSync} = await loadSqlite(settings.driver)
  let database: SqliteDatabase | undefined
  try {
    makeFile(file)
    const opened = (database = new DatabaseSync(file))
    await patiently(() => prepare(opened, file))
    warnOfOldSqlite(opened, settings)
    return opened
  } catch (error) {
    database?.close()
    throw explain(error, file)
  }
}

/** Made before SQLite does it, which would follow the umask. Opening for writing also finds out what is not permitted. */
function makeFile(file: string): void {
  const found = fs.statSync(file, {throwIfNoEntry: false})
  if (found === undefined) fs.mkdirSync(path.dirname(file), {recursive: true, mode: 0o700})
  else if (!found.isFile())
    throw notAFile(file, found.isDirectory() ? 'it is a directory' : 'it is not a plain file')
  fs.closeSync(fs.openSync(file, 'a+', 0o600))
}

function prepare(database: SqliteDatabase, file: string): void {
  // The busy timeout comes first: the change to WAL needs it. In WAL, synchronous NORMAL loses nothing when the
  // program is killed; only a power cut can take back the last transactions.
  database.exec(`PRAGMA busy_timeout = ${busyTimeoutMillis}; PRAGMA synchronous = NORMAL`)
  const version = numberOf(database, 'PRAGMA user_version')
  if (version > layoutVersion) throw fromNewerYard(file)
  if (version === layoutVersion) return
  if (numberOf(database, 'SELECT count(*) FROM sqlite_schema') > 0 && version === 0)
    refuseForeign(database, file)
  database.exec('PRAGMA journal_mode = WAL')
  createLayout(database)
}

function createLayout(database: SqliteDatabase): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    // Another process may have been first.
    if (numberOf(database, 'PRAGMA user_version') === 0) database.exec(layout)
    database.exec('COMMIT')
  } catch (error) {
    rollBack(database)
    throw error
  }
}

function refuseForeign(database: SqliteDatabase, file: string): void {
  if (numberOf(database, 'PRAGMA application_id') === applicationId) return
  throw notAFile(file, 'it is a database of another program')
}

function warnOfOldSqlite(database: SqliteDatabase, {warn}: OpenSettings): void {
  const {version} = database.prepare('SELECT sqlite_version() AS version').get() as {version: string}
  if (!isSafeVersion(version)) {
    warn?.(`SQLite ${version} can damage a catalog that several programs write to; use 3.51.3 or newer`)
  }
}

/** After some failures SQLite has rolled back by itself; then there is nothing left to do. */
export function rollBack(database: SqliteDatabase): void {
  try {
    database.exec('ROLLBACK')
  } catch {
    // See above.
  }
}

function numberOf(database: SqliteDatabase, sql: string): number {
  const row = database.prepare(sql).get() as Record<string, number> | undefined
  return Object.values(row ?? {})[0] ?? 0
}
