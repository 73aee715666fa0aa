import {type SqliteDatabase} from './driver.js'

/** `BEGIN` reads one snapshot, `BEGIN IMMEDIATE` also writes. Nothing of an action that throws stays. */
export function inTransaction<T>(
  database: SqliteDatabase,
  begin: 'BEGIN' | 'BEGIN IMMEDIATE',
  action: () => T,
): T {
  database.exec(begin)
  try {
    const result = action()
    database.exec('COMMIT')
    return result
  } catch (error) {
    rollBack(database)
    throw error
  }
}

/** After some failures SQLite has rolled back by itself; then there is nothing left to do. */
function rollBack(database: SqliteDatabase): void {
  try {
    database.exec('ROLLBACK')
  } catch {
    // See above.
  }
}
