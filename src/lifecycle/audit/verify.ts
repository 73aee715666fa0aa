import {auditPage, auditPageOf, auditRowsAfter} from '../../catalog/audit-rows.js'
import {type Catalog} from '../../catalog/catalog.js'
import {keys} from '../../catalog/keys.js'
import {type StoreEntry} from '../../contracts/store.js'
import {type AuditHead} from '../../domain/audit-entry.js'
import {type ChainEnd, chainStart, followChain} from '../../domain/audit-chain.js'
import {printable} from '../../domain/names.js'
import {YardError} from '../../errors.js'

export interface AuditVerifyRequest {
  /** `COUNT:HASH`, as an earlier check printed it. */
  expect: string | undefined
}

export interface AuditVerifyReport {
  rows: number
  /** The hash of the newest row. */
  hash: string
  /** To be kept elsewhere, for `--expect`. */
  pin: string
}

/**
 * Follows the chain of the audit from its first row to its head.
 * @throws YardError E_AUDIT_BROKEN naming the first row that doesn't fit, E_USAGE for a pin that is none.
 */
export async function verifyAudit(
  {catalog}: {catalog: Catalog},
  request: AuditVerifyRequest,
): Promise<AuditVerifyReport> {
  const pin = request.expect === undefined ? undefined : readPin(request.expect)
  let end = chainStart
  for (;;) {
    const followed = await followRows(catalog, end, pin)
    const strays = await auditRowsAfter(catalog, auditPageOf(followed.count))
    // Read last: rows and head are written together, so a row that it doesn't know of is not yard's.
    const head = await headOf(catalog)
    const stray = strays.find(({key}) => key > keys.auditEntry(head.count))
    if (stray !== undefined) throw misplaced(followed.count + 1, stray.key)
    const hasGrown = head.count > followed.count && followed.count > end.count
    if (!hasGrown) return conclude(followed, head, pin)
    end = followed
  }
}

/** The chain up to the last row there is. */
async function followRows(catalog: Catalog, start: ChainEnd, pin: ChainEnd | undefined): Promise<ChainEnd> {
  let end = start
  for (let page = auditPageOf(start.count); ; page++) {
    const rows = await auditPage(catalog, page)
    const isNew = ({key}: StoreEntry) => start.count === 0 || key > keys.auditEntry(start.count)
    for (const entry of rows.filter(isNew)) end = follow(end, entry, pin)
    if (auditPageOf(end.count + 1) === page) return end
  }
}

function follow(end: ChainEnd, {key, value}: StoreEntry, pin: ChainEnd | undefined): ChainEnd {
  const number = end.count + 1
  if (key !== keys.auditEntry(number)) throw misplaced(number, key)
  const next = followChain(end, value)
  if ('why' in next) throw broken(number, next.why)
  if (pin?.count === next.count && pin.hash !== next.hash)
    throw broken(number, 'its hash is not the expected one')
  return next
}

function conclude(end: ChainEnd, head: ChainEnd, pin: ChainEnd | undefined): AuditVerifyReport {
  if (end.count < head.count)
    throw broken(end.count + 1, `it is missing, and the audit has ${head.count} rows`)
  if (end.count > head.count)
    throw broken(head.count + 1, `the audit ends before it, with ${head.count} rows`)
  if (end.hash !== head.hash) throw broken(end.count, 'its hash is not the one that the audit ends with')
  if (pin !== undefined && end.count < pin.count) {
    throw broken(end.count + 1, `it is missing, and at least ${pin.count} rows are expected`)
  }
  return {rows: end.count, hash: end.hash, pin: `${end.count}:${end.hash}`}
}

async function headOf(catalog: Catalog): Promise<ChainEnd> {
  const head = await catalog.auditHead.get(keys.auditHead, ({why}) => {
    throw broken(1, `the record of how many rows there are can't be trusted: ${why}`)
  })
  return endOf(head?.record)
}

function endOf(head: AuditHead | undefined): ChainEnd {
  return head === undefined ? chainStart : {count: head.count, hash: head.hash}
}

function readPin(expect: string): ChainEnd {
  const [, count, hash = ''] = /^(\d{1,9}):([0-9a-f]{64})$/.exec(expect) ?? []
  if (count !== undefined) return {count: Number(count), hash}
  throw new YardError('E_USAGE', {
    what: `Can't check the audit against ${printable(expect)}`,
    why: 'it is not what an earlier check printed: a number of rows, a colon and 64 hexadecimal digits',
    next: ['yard audit verify'],
  })
}

function misplaced(number: number, key: string): YardError {
  const found = Number(key.slice(keys.auditEntries.length))
  const isRow = key === keys.auditEntry(found)
  return broken(
    number,
    isRow ? `it is missing, and row ${found} follows` : `${printable(key)} stands in its place`,
  )
}

function broken(row: number, why: string): YardError {
  return new YardError('E_AUDIT_BROKEN', {
    what: `The audit can't be trusted from row ${row} on`,
    why,
    next: ['look at who could write to the store, and put back a backup', `yard audit --limit 50`],
    details: {row, why},
  })
}
