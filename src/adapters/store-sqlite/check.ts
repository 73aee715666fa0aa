import fs from 'node:fs'

import {Connection} from './connection.js'
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
  const connection = await Connection.open({file})
  try {
    const found = connection.row(
      `SELECT sqlite_version() AS sqliteVersion, revision, (SELECT count(*) FROM entries) AS entries FROM store`,
    ) as Pick<SqliteStoreCheck, 'sqliteVersion' | 'revision' | 'entries'>
    return {file, sizeBytes: fs.statSync(file).size, ...found, problems: connection.problems()}
  } catch (error) {
    throw explain(error, file)
  } finally {
    connection.close()
  }
}
