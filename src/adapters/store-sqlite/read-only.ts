import fs from 'node:fs'
import {pathToFileURL} from 'node:url'

import {type SqliteDatabase, type SqliteDriver} from './driver.js'
import {explain, isRefusedWrite, unreadableLog} from './failures.js'
import {hasLayout} from './layout.js'
import {busyTimeoutMillis} from './patiently.js'

export interface ReadOnlyDatabase {
  database: SqliteDatabase
  driver: SqliteDriver
  /** Why it isn't open for writing. */
  cause: unknown
  /** The state of the file when it was opened; undefined when SQLite itself sees what others write. */
  state: string | undefined
}

/**
 * Opens a catalog that this user may only read. SQLite reads a database in WAL mode together with its log and needs
 * shared memory for it, which it would make, with the file's own mode, in the directory: that fails in a read-only
 * one, and elsewhere leaves files behind that stop a later writer. So a file without a log, which is all of the
 * catalog, is read as one that never changes (`immutable`); `isFresh` tells when it did after all.
 * @throws YardError as `openDatabase` does: E_PERMISSION above all.
 */
export function openReadOnly(file: string, driver: SqliteDriver, cause: unknown): ReadOnlyDatabase {
  let database: SqliteDatabase | undefined
  let isAlone = true
  try {
    isAlone = !hasLog(file)
    const state = isAlone ? stateOf(file) : undefined
    const location = isAlone ? `${pathToFileURL(file).href}?immutable=1` : file
    database = new driver.DatabaseSync(location, {readOnly: true})
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMillis}`)
    if (hasLayout(database, file)) return {database, driver, cause, state}
  } catch (error) {
    database?.close()
    if (!isRefusedWrite(error)) throw error
    throw isAlone || !isReadable(file) ? explain(cause, file) : unreadableLog(file, error)
  }
  database.close()
  throw explain(cause, file)
}

/** False when what was read is old, or may be of two states. */
export function isFresh({state}: ReadOnlyDatabase, file: string): boolean {
  return state === undefined || (state === stateOf(file) && !hasLog(file))
}

/** A program that writes has made a log before; the one that closes the file last brings it in and removes it. */
function hasLog(file: string): boolean {
  return (fs.statSync(`${file}-wal`, {throwIfNoEntry: false})?.size ?? 0) > 0
}

function stateOf(file: string): string {
  const found = fs.statSync(file, {bigint: true, throwIfNoEntry: false})
  return found === undefined ? 'gone' : `${found.ino} ${found.size} ${found.mtimeNs}`
}

function isReadable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.R_OK)
    return true
  } catch {
    return false
  }
}
