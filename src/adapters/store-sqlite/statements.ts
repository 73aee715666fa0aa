import {type SqliteDatabase, type SqliteStatement, type SqliteValue} from './driver.js'

/** Prepares each statement once. What the rows look like is stated where the SQL is. */
export class Statements {
  private readonly prepared = new Map<string, SqliteStatement>()

  constructor(private readonly database: SqliteDatabase) {}

  run(sql: string, ...values: SqliteValue[]): number {
    return Number(this.statement(sql).run(...values).changes)
  }

  row(sql: string, ...values: SqliteValue[]): unknown {
    return this.statement(sql).get(...values)
  }

  rows(sql: string, ...values: SqliteValue[]): unknown[] {
    return this.statement(sql).all(...values)
  }

  private statement(sql: string): SqliteStatement {
    let statement = this.prepared.get(sql)
    if (statement === undefined) {
      statement = this.database.prepare(sql)
      this.prepared.set(sql, statement)
    }
    return statement
  }
}
