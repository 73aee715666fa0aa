import fs from 'node:fs'
import path from 'node:path'

import {
  isSafeVersion,
  loadSqlite,
  type SqliteDatabase,
  type SqliteDriver,
  type SqliteDriverName,
} from './driver.js'
import {explain, isRefusedWrite, notAFile} from './failures.js'
import {createLayout, hasLayout} from './layout.js'
import {busyTimeoutMillis, patiently} from './patiently.js'
import {openReadOnly, type ReadOnlyDatabase} from './read-only.js'
import {DamagedContent} from './rows.js'

/** One page. SQLite takes some shorter files for new ones. */
const smallestBytes = 512

export interface OpenSettings {
  file: string
  warn?: (text: string) => void
  driver?: SqliteDriverName
}

export interface OpenedDatabase {
  database: SqliteDatabase
  /** Given when nothing can be written. */
  readOnly?: ReadOnlyDatabase
}

/**
 * Opens the file and brings it to our layout; makes it, for this user only, when it's missing. A file that this user
 * may only read is opened for reading.
 * @throws YardError for everything a person can mend.
 */
export async function openDatabase(settings: OpenSettings): Promise<OpenedDatabase> {
  const {file} = settings
  const driver = await loadSqlite(settings.driver)
  let database: SqliteDatabase | undefined
  try {
    makeFile(file)
    const opened = (database = new driver.DatabaseSync(file))
    await patiently(() => prepare(opened, file))
    warnOfOldSqlite(opened, settings)
    return {database: opened}
  } catch (error) {
    database?.close()
    if (!isRefusedWrite(error)) throw explain(error, file)
    return openForReading(file, driver, error)
  }
}

async function openForReading(file: string, driver: SqliteDriver, cause: unknown): Promise<OpenedDatabase> {
  try {
    const readOnly = await patiently(() => openReadOnly(file, driver, cause))
    return {database: readOnly.database, readOnly}
  } catch (error) {
    throw explain(error, file)
  }
}

/** Made before SQLite does it, which would follow the umask. Opening for writing also finds out what is not permitted. */
function makeFile(file: string): void {
  const found = fs.statSync(file, {throwIfNoEntry: false})
  if (found === undefined) fs.mkdirSync(path.dirname(file), {recursive: true, mode: 0o700})
  else if (!found.isFile())
    throw notAFile(file, found.isDirectory() ? 'it is a directory' : 'it is not a plain file')
  else if (found.size > 0 && found.size < smallestBytes) throw new DamagedContent('its end is missing')
  fs.closeSync(fs.openSync(file, 'a+', 0o600))
}

function prepare(database: SqliteDatabase, file: string): void {
  // The busy timeout comes first: the change to WAL needs it. In WAL, synchronous NORMAL loses nothing when the
  // program is killed; only a power cut can take back the last transactions.
  database.exec(`PRAGMA busy_timeout = ${busyTimeoutMillis}; PRAGMA synchronous = NORMAL`)
  if (!hasLayout(database, file)) createLayout(database)
}

function warnOfOldSqlite(database: SqliteDatabase, {warn}: OpenSettings): void {
  const {version} = database.prepare('SELECT sqlite_version() AS version').get() as {version: string}
  if (!isSafeVersion(version)) {
    warn?.(`SQLite ${version} can damage a catalog that several programs write to; use 3.51.3 or newer`)
  }
}
