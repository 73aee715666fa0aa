import {type Clock} from '../contracts/clock.js'
import {type AuditEntry, type AuditHead} from '../domain/audit-entry.js'
import {chainStart, linkAfter} from '../domain/audit-chain.js'
import {YardError} from '../errors.js'
import {type Catalog} from './catalog.js'
import {absent, type BadRecord, type Stored, unchanged} from './collection.js'
import {keys} from './keys.js'

export type AuditedRun = Omit<AuditEntry, 'v' | 'number' | 'previous' | 'hash'>

/** Others that record at the same moment are waited for this long. */
const patienceMillis = 30_000
const longestPauseMillis = 250

/**
 * Adds a row to the audit, chained to the row before it, and returns it. Rows are only ever added. Whoever loses a
 * race for a number reads the head again and takes the next one.
 * @throws YardError E_AUDIT_BROKEN when the head can't be trusted, E_CONFLICT when the audit is busy for too long.
 */
export async function recordAudit(catalog: Catalog, clock: Clock, run: AuditedRun): Promise<AuditEntry> {
  const deadline = clock.monotonicMillis() + patienceMillis
  let lost: number | undefined
  for (let attempt = 0; ; attempt++) {
    const head = await readAuditHead(catalog)
    const row = linkAfter(head?.record ?? chainStart, run)
    const key = keys.auditEntry(row.number)
    // Nobody else won, so what is in the way may be a row that the head doesn't know of.
    if (lost === row.number && (await catalog.store.get(key)) !== undefined) throw inTheWay(row.number)
    lost = row.number
    const written = await catalog.attempt(
      [unchanged(keys.auditHead, head), absent(key)],
      [
        catalog.auditEntries.put(key, row),
        catalog.auditHead.put(keys.auditHead, {v: 1, count: row.number, hash: row.hash}),
      ],
    )
    if (written !== false) return row
    if (clock.monotonicMillis() >= deadline) throw busy()
    await clock.sleep(Math.random() * Math.min(longestPauseMillis, 5 * 2 ** attempt))
  }
}

/** Undefined before the first row. @throws YardError E_AUDIT_BROKEN when it can't be trusted. */
export async function readAuditHead(catalog: Catalog): Promise<Stored<AuditHead> | undefined> {
  return catalog.auditHead.get(keys.auditHead, refuseHead)
}

function refuseHead({why}: BadRecord): never {
  throw new YardError('E_AUDIT_BROKEN', {
    what: "Can't tell how many rows the audit has",
    why: `the record that counts them can't be trusted: ${why}`,
    next: ['yard audit verify', 'look at who could write to the store, and put back a backup'],
  })
}

function inTheWay(number: number): YardError {
  return new YardError('E_AUDIT_BROKEN', {
    what: "Can't add a row to the audit",
    why: `row ${number} is there already, although the audit ends before it`,
    next: ['yard audit verify', 'look at who could write to the store, and put back a backup'],
  })
}

function busy(): YardError {
  return new YardError('E_CONFLICT', {
    what: "Can't add a row to the audit",
    why: `others added theirs for ${patienceMillis / 1_000} s without a pause`,
    next: ['yard audit'],
  })
}
