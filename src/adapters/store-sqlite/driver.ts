/** The part of the `node:sqlite` interface that the store uses; `@photostructure/sqlite` 1.2 has the same one. */
export interface SqliteDatabase {
  exec(sql: string): void
  prepare(sql: string): SqliteStatement
  close(): void
}

export interface SqliteStatement {
  run(...values: SqliteValue[]): {changes: number | bigint}
  get(...values: SqliteValue[]): unknown
  all(...values: SqliteValue[]): unknown[]
}

export type SqliteValue = string | number | Uint8Array | null
export type SqliteDriverName = 'builtin' | 'package'

export interface SqliteDriver {
  DatabaseSync: new (location: string, options?: {readOnly: boolean}) => SqliteDatabase
}

/** SQLite 3.7.0 to 3.51.2 can damage a WAL database when several processes write and checkpoint at once. */
const firstSafeVersion = [3, 51, 3] as const

/**
 * Loads SQLite: the one built into Node 24 and newer when it's recent enough, else the package. The choice can be
 * forced, to try one against the other.
 */
export async function loadSqlite(forced?: SqliteDriverName): Promise<SqliteDriver> {
  const name = forced ?? preferredDriver(process.versions)
  return name === 'builtin' ? loadBuiltin() : import('@photostructure/sqlite')
}

export function preferredDriver(versions: {node: string; sqlite?: string}): SqliteDriverName {
  const major = Number(versions.node.split('.')[0])
  return major >= 24 && isSafeVersion(versions.sqlite ?? '0') ? 'builtin' : 'package'
}

export function isSafeVersion(version: string): boolean {
  const parts = version.split('.').map(Number)
  for (const [index, wanted] of firstSafeVersion.entries()) {
    const part = parts[index] ?? 0
    if (part !== wanted) return part > wanted
  }
  return true
}

/** Some releases of Node announce their SQLite as experimental; a user of yard can do nothing about it. */
async function loadBuiltin(): Promise<SqliteDriver> {
  const specifier: string = 'node:sqlite'
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = (warning: string | Error, ...rest: []) => {
    if (!String(warning).includes('SQLite')) emitWarning(warning, ...rest)
  }
  try {
    return (await import(specifier)) as SqliteDriver
  } finally {
    process.emitWarning = emitWarning
  }
}
