import {readAuditHead} from '../../catalog/audit.js'
import {auditPage, auditPageOf} from '../../catalog/audit-rows.js'
import {type Catalog} from '../../catalog/catalog.js'
import {reportBad} from '../../catalog/report-bad.js'
import {type Clock} from '../../contracts/clock.js'
import {type Report} from '../../contracts/report.js'
import {type AuditEntry} from '../../domain/audit-entry.js'
import {parseSince} from '../../domain/logs/since.js'
import {parseName, printable} from '../../domain/names.js'
import {YardError} from '../../errors.js'

export interface AuditListNeeds {
  catalog: Catalog
  clock: Clock
  report: Report
}

export interface AuditListRequest {
  service: string | undefined
  environment: string | undefined
  /** `2d` or a time. */
  since: string | undefined
  /** Part of the user, the git identity or the token. */
  by: string | undefined
  limit: number
}

/** A row is added when its command ends, and the clocks of several machines differ by less than this. */
const clockSkewMillis = 60 * 60_000

/**
 * The newest rows that fit, oldest first. Rows that can't be read are reported and left out.
 * @throws YardError E_NAME_INVALID, E_USAGE for a time that is none, E_AUDIT_BROKEN
 */
export async function listAudit(needs: AuditListNeeds, request: AuditListRequest): Promise<AuditEntry[]> {
  const {catalog, report} = needs
  const {sinceMillis, isWanted} = readRequest(needs, request)
  const head = await readAuditHead(catalog)
  const found: AuditEntry[] = []
  for (let page = auditPageOf(head?.record.count ?? 0); page >= 0; page--) {
    const {records, bad} = catalog.auditEntries.readAll(await auditPage(catalog, page))
    reportBad(report, bad)
    const rows = records.map(({record}) => record).filter(({number}) => number <= (head?.record.count ?? 0))
    for (const row of rows.reverse()) {
      if (endMillis(row) < sinceMillis - clockSkewMillis) return found.reverse()
      if (isWanted(row)) found.push(row)
      if (found.length === request.limit) return found.reverse()
    }
  }
  return found.reverse()
}

function readRequest(
  {clock}: AuditListNeeds,
  {by, environment, service, since}: AuditListRequest,
): {sinceMillis: number; isWanted: (row: AuditEntry) => boolean} {
  if (service !== undefined) parseName('service', service)
  if (environment !== undefined) parseName('environment', environment)
  const sinceMillis = since === undefined ? -Infinity : parseSince(since, clock.now())
  if (sinceMillis === undefined) throw notATime(since ?? '')
  const person = by?.toLowerCase()
  return {
    sinceMillis,
    isWanted: (row) =>
      (service === undefined || row.service === service) &&
      (environment === undefined || row.environment === environment) &&
      endMillis(row) >= sinceMillis &&
      (person === undefined ||
        [row.by, row.git, row.token].some((who) => who?.toLowerCase().includes(person))),
  }
}

function endMillis({at, durationMillis}: AuditEntry): number {
  return Date.parse(at) + durationMillis
}

function notATime(since: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't read --since ${printable(since)}`,
    why: 'it is neither a length of time nor a time',
    next: ['yard audit --since 2d', 'yard audit --since 2026-11-20T19:15:00Z'],
  })
}
