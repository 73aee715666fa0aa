import {type StoreEntry} from '../../contracts/store.js'

/**
 * Many entries as one row of SQLite, a column of them as one text: to hand over a value costs more than to read it.
 * The texts are taken apart only when nothing in them can be mistaken for a separator.
 */
export interface EntryPageRow {
  count: number
  /** Bytes of the last key, and of the largest value. */
  lastKeyBytes: number
  largestBytes: number
  /** Bytes of all values, and of all leases; null when there are no rows. */
  valueBytes: number | null
  leaseBytes: number | null
  leased: number
  /** The joined columns; null when there are no rows, or nothing but nulls in a damaged file. */
  keys: string | null
  entryValues: string | null
  /** Created and modified, with a space between them. */
  revisions: string | null
  leases: string | null
}

/** Neither JSON nor a key of yard holds it. */
const separator = '\u001f'

/** A page of the largest values must still fit a text of JavaScript. */
const longestValueBytes = 262_144

export const entriesInPage = 1_000

/** Binds a lower and an upper bound. */
export function entryPageQuery(lower: '>' | '>='): string {
  const joined = (column: string) => `group_concat(${column}, char(31))`
  const value = `CASE WHEN octet_length(value) <= ${longestValueBytes} THEN value ELSE '' END`
  return `SELECT count(*) AS count, octet_length(max(key)) AS lastKeyBytes, max(octet_length(value)) AS largestBytes,
      sum(octet_length(value)) AS valueBytes, sum(octet_length(lease)) AS leaseBytes,
      count(lease) AS leased, ${joined('key')} AS keys, ${joined(value)} AS entryValues,
      ${joined("created || ' ' || modified")} AS revisions, ${joined("coalesce(lease, '')")} AS leases
    FROM (SELECT key, value, created, modified, lease FROM entries
      WHERE key ${lower} ? AND key < ? ORDER BY key LIMIT ${entriesInPage})`
}

/** The entries of a page, or undefined when they must be read one by one. */
export function entriesOf(page: EntryPageRow): StoreEntry[] | undefined {
  if (page.count === 0) return []
  if (page.largestBytes > longestValueBytes) return undefined
  const keys = fields(page.keys, page.count)
  if (isCut(page.entryValues, page.valueBytes, page.count)) return undefined
  const values = fields(page.entryValues, page.count)
  const revisions = fields(page.revisions, page.count)
  if (page.leased > 0 && isCut(page.leases, page.leaseBytes, page.count)) return undefined
  const leases = page.leased === 0 ? [] : fields(page.leases, page.count)
  if (!keys || !values || !revisions || !leases) return undefined
  if (!isSorted(keys) || Buffer.byteLength(keys.at(-1) ?? '') !== page.lastKeyBytes) return undefined
  const entries: StoreEntry[] = []
  for (const [index, key] of keys.entries()) {
    const value = values[index] ?? ''
    const both = revisions[index] ?? ''
    const space = both.indexOf(' ')
    const createRevision = Number(both.slice(0, space))
    const modRevision = Number(both.slice(space + 1))
    if (!isRevision(createRevision) || !isRevision(modRevision)) return undefined
    const lease = leases[index] ?? ''
    entries.push(
      lease === ''
        ? {key, value, createRevision, modRevision}
        : {key, value, createRevision, modRevision, lease},
    )
  }
  return entries
}

/** A driver may end a text at its first NUL: what is left can have as many fields as the whole. */
function isCut(text: string | null, bytes: number | null, count: number): boolean {
  return Buffer.byteLength(text ?? '') !== (bytes ?? 0) + count - 1
}

/** Undefined when the text has another number of fields: then one of them holds a separator, or an end of text. */
function fields(text: string | null, count: number): string[] | undefined {
  const found = text?.split(separator)
  return found?.length === count ? found : undefined
}

/** SQLite promises no order of what it joins, but keeps that of the rows. */
function isSorted(keys: readonly string[]): boolean {
  return keys.every((key, index) => index === 0 || (keys[index - 1] ?? '') < key)
}

/** Not so in a damaged file: whoever reads the entry by itself says it. */
function isRevision(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0
}
