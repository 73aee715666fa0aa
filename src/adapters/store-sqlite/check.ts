import fs from 'node:fs'

import {openDatabase} from './open.js'
import {explain} from './failures.js'

interface SqliteStoreCheck {
  file: string
  sizeBytes: number
  sqliteVersion: string
  revision: number
  entries: number
  /** What SQLite finds wrong with the file, at most ten lines; empty when it's sound. */
  problems: string[]
}

/**
 * Reads the whole file and checks its structure: too slow for every start, right for `yard doctor`.
 * @throws YardError as opening it does.
 */
export async function checkSqliteStore(file: string): Promise<SqliteStoreCheck> {
  const database = await openDatabase({file})
  try {
    const found = database
      .prepare(
        `SELECT sqlite_version() AS sqliteVersion, revision, (SELECT count(*) FROM entries) AS entries FROM store`,
      )
      .get() as Pick<SqliteStoreCheck, 'sqliteVersion' | 'revision' | 'entries'>
    const rows = database.prepare('PRAGMA quick_check(10)').all() as {quick_check: string}[]
    const problems = rows.map((row) => row.quick_check).filter((line) => line !== 'ok')
    return {file, sizeBytes: fs.statSync(file).size, ...found, problems}
  } catch (error) {
    throw explain(error, file)
  } finally {
    database.close()
  }
}
