import {type Catalog} from '../../catalog/catalog.js'
import {type Stored, unchanged} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {reportBad} from '../../catalog/report-bad.js'
import {type Clock} from '../../contracts/clock.js'
import {type Report} from '../../contracts/report.js'
import {type ApiToken, type Role} from '../../domain/api-token.js'
import {printable} from '../../domain/names.js'
import {nearestWord} from '../../domain/nearest.js'
import {YardError} from '../../errors.js'

export interface TokenRevokeNeeds {
  catalog: Catalog
  clock: Clock
  report: Report
}

export interface TokenRevokeRequest {
  /** The name of a token, or the id of one. */
  token: string
  dryRun: boolean
}

export interface TokenRevokeReport {
  name: string
  role: Role
  /** The ids of what is revoked: more than one when two were made under one name at the same moment. */
  ids: string[]
  revokedAt: string
  /** It was revoked before, at that time. */
  wasRevoked: boolean
  dryRun: boolean
}

/**
 * Takes a token out of use for good; servers refuse it from the next request on. The record stays, for the audit.
 * @throws YardError E_TOKEN_UNKNOWN, E_CONFLICT
 */
export async function revokeToken(
  {catalog, clock, report}: TokenRevokeNeeds,
  {dryRun, token}: TokenRevokeRequest,
): Promise<TokenRevokeReport> {
  const {records, bad} = await catalog.tokens.list(keys.tokens)
  reportBad(report, bad)
  const named = records.filter(({record}) => record.name === token || record.id === token)
  const [first] = named
  if (first === undefined) throw unknownToken(token, records)
  const usable = named.filter(({record}) => record.revokedAt === undefined)
  const [revoked = first] = usable
  const {name, revokedAt = clock.now().toISOString(), role} = revoked.record
  const ids = (usable.length === 0 ? [first] : usable).map(({record}) => record.id)
  if (!dryRun && usable.length > 0) await revoke(catalog, usable, revokedAt)
  return {name, role, ids, revokedAt, wasRevoked: usable.length === 0, dryRun}
}

async function revoke(
  catalog: Catalog,
  tokens: readonly Stored<ApiToken>[],
  revokedAt: string,
): Promise<void> {
  const name = tokens[0]?.record.name ?? ''
  const compares = tokens.map((stored) => unchanged(keys.token(stored.record.id), stored))
  const writes = tokens.map(({record}) => catalog.tokens.put(keys.token(record.id), {...record, revokedAt}))
  await catalog.commit(`Can't revoke the token ${name}`, compares, writes)
}

function unknownToken(wanted: string, records: readonly Stored<ApiToken>[]): YardError {
  const nearest = nearestWord(wanted, [...new Set(records.map(({record}) => record.name))])
  return new YardError('E_TOKEN_UNKNOWN', {
    what: `There's no token called ${printable(wanted)}`,
    why: nearest === undefined ? 'the catalog knows no such name' : `did you mean ${nearest}?`,
    next: ['yard tokens list'],
  })
}
