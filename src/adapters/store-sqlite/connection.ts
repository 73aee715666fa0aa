import {type SqliteDatabase} from './driver.js'
import {openDatabase, type OpenedDatabase, type OpenSettings} from './open.js'
import {isFresh, openReadOnly, type ReadOnlyDatabase} from './read-only.js'
import {Records} from './records.js'
import {Statements} from './statements.js'
import {inTransaction} from './transaction.js'

export interface ConnectionSettings extends OpenSettings {
  /** How many of the newest revisions a watch can resume from, at least. */
  keptRevisions?: number
}

/** The open file: for writing where this user may write, else for reading. */
export class Connection {
  private database: SqliteDatabase
  private readOnly: ReadOnlyDatabase | undefined
  private statements: Statements
  private records: Records

  private constructor(
    private readonly settings: ConnectionSettings,
    {database, readOnly}: OpenedDatabase,
  ) {
    this.database = database
    this.readOnly = readOnly
    this.statements = new Statements(database)
    this.records = new Records(this.statements, settings.keptRevisions ?? 10_000)
  }

  /** @throws YardError as `openDatabase` does. */
  static async open(settings: ConnectionSettings): Promise<Connection> {
    return new Connection(settings, await openDatabase(settings))
  }

  get isReadOnly(): boolean {
    return this.readOnly !== undefined
  }

  /** Reads one snapshot. */
  read<T>(action: (records: Records) => T): T {
    for (;;) {
      this.freshen()
      try {
        const result = inTransaction(this.database, 'BEGIN', () => action(this.records))
        if (this.isFresh()) return result
      } catch (error) {
        // Pages of two states don't fit together; then the failure means no more than that.
        if (this.isFresh()) throw error
      }
    }
  }

  /** @throws what kept the file from being opened for writing. */
  write<T>(action: (records: Records) => T): T {
    if (this.readOnly !== undefined) throw this.readOnly.cause
    return inTransaction(this.database, 'BEGIN IMMEDIATE', () => action(this.records))
  }

  /** Asked before every read, so it is one statement without a transaction of its own. */
  hasExpiredLease(now: number): boolean {
    return this.records.hasExpiredLease(now)
  }

  /** What SQLite says of itself or of the file, such as a pragma. */
  row(sql: string): unknown {
    return this.statements.row(sql)
  }

  /** What SQLite finds wrong with the file, at most ten lines; empty when it's sound. Reads all of it. */
  problems(): string[] {
    const rows = this.statements.rows('PRAGMA quick_check(10)') as {quick_check: string}[]
    return rows.map((row) => row.quick_check).filter((line) => line !== 'ok')
  }

  /** Differs whenever another process has written. */
  version(): string {
    this.freshen()
    const {data_version} = this.row('PRAGMA data_version') as {data_version: number}
    return `${data_version} ${this.readOnly?.state ?? ''}`
  }

  /**
   * Brings the log into the file, so that the file alone is the catalog. Closing does it too, but the package keeps
   * its statements, and with them the connection, until they are collected.
   */
  checkpoint(): void {
    try {
      this.database.exec('PRAGMA wal_checkpoint(PASSIVE)')
    } catch {
      // The log is as good a place; the next program to close the file does this again.
    }
  }

  close(): void {
    this.database.close()
  }

  private isFresh(): boolean {
    return this.readOnly === undefined || isFresh(this.readOnly, this.settings.file)
  }

  /** A file that is read as one that never changes is opened again when it did. */
  private freshen(): void {
    if (this.readOnly === undefined || this.isFresh()) return
    const reopened = openReadOnly(this.settings.file, this.readOnly.driver, this.readOnly.cause)
    this.database.close()
    this.readOnly = reopened
    this.database = reopened.database
    this.statements = new Statements(reopened.database)
    this.records = new Records(this.statements, this.settings.keptRevisions ?? 10_000)
  }
}
