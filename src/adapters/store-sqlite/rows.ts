import {type StoreChange, type StoreEntry} from '../../contracts/store.js'

/** The file holds what yard never writes, and SQLite itself sees nothing wrong with it. */
export class DamagedContent extends Error {}

/** @throws DamagedContent */
export function entryOf(row: unknown): StoreEntry {
  const {key, value, created, modified, lease} = row as Record<string, unknown>
  const entry: StoreEntry = {
    key: textOf(key),
    value: textOf(value),
    createRevision: countOf(created),
    modRevision: countOf(modified),
  }
  return lease === null ? entry : {...entry, lease: textOf(lease)}
}

/** A change without a value is a deletion. @throws DamagedContent */
export function changeOf(row: unknown, revision: number): StoreChange {
  const {key, value} = row as Record<string, unknown>
  if (value === null) return {kind: 'delete', key: textOf(key)}
  return {kind: 'put', entry: entryOf({...(row as object), modified: revision})}
}

/** A column of a row that must be there. @throws DamagedContent */
export function countIn(row: unknown, column: string): number {
  return countOf((row as Record<string, unknown> | undefined)?.[column])
}

/** @throws DamagedContent */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  throw new DamagedContent('a text is missing')
}

function countOf(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new DamagedContent('a number is missing or out of range')
}
