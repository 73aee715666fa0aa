import {type StoreEntry} from '../contracts/store.js'
import {type Catalog} from './catalog.js'
import {keys} from './keys.js'

/** Rows are read so many at a time: those whose numbers begin alike, because a store reads by prefixes. */
export const auditPageRows = 1_000

const numberDigits = 9
const pageDigits = 3

/** The stored rows from `page * auditPageRows` on, sorted by number; whatever stands among them is there, too. */
export async function auditPage(catalog: Catalog, page: number): Promise<StoreEntry[]> {
  const {entries} = await catalog.store.range(keys.auditEntries + pagePrefix(page))
  return entries
}

/** What stands after a page, of which there should be nothing: the few prefixes that hold every greater number. */
export async function auditRowsAfter(catalog: Catalog, page: number): Promise<StoreEntry[]> {
  const digits = pagePrefix(page)
  const found: StoreEntry[] = []
  for (let place = digits.length - 1; place >= 0; place--) {
    for (let digit = Number(digits[place]) + 1; digit <= 9; digit++) {
      const {entries} = await catalog.store.range(`${keys.auditEntries}${digits.slice(0, place)}${digit}`)
      found.push(...entries)
    }
  }
  return found
}

export function auditPageOf(number: number): number {
  return Math.floor(number / auditPageRows)
}

function pagePrefix(page: number): string {
  return String(page).padStart(numberDigits - pageDigits, '0')
}
