import {type Catalog} from '../../catalog/catalog.js'
import {keys} from '../../catalog/keys.js'
import {reportBad} from '../../catalog/report-bad.js'
import {type Clock} from '../../contracts/clock.js'
import {type Report} from '../../contracts/report.js'
import {type ApiToken, isOver, type Role} from '../../domain/api-token.js'

export interface TokensListNeeds {
  catalog: Catalog
  clock: Clock
  report: Report
}

/** A token without anything that would help to use it. */
export interface ListedToken {
  name: string
  role: Role
  id: string
  state: 'usable' | 'expired' | 'revoked'
  createdBy: string
  createdAt: string
  expiresAt?: string
  revokedAt?: string
}

/** Every token there ever was, by name, the newest of a name first. */
export async function listTokens({catalog, clock, report}: TokensListNeeds): Promise<ListedToken[]> {
  const {records, bad} = await catalog.tokens.list(keys.tokens)
  reportBad(report, bad)
  const now = clock.now()
  return records
    .map(({record}) => listed(record, now))
    .sort((left, right) => byText(left.name, right.name) || byText(right.createdAt, left.createdAt))
}

/** Neither revoked nor expired. */
export function isInUse(token: ApiToken, now: Date): boolean {
  return stateOf(token, now) === 'usable'
}

function listed(token: ApiToken, now: Date): ListedToken {
  const {createdAt, createdBy, expiresAt, id, name, revokedAt, role} = token
  return {
    name,
    role,
    id,
    state: stateOf(token, now),
    createdBy,
    createdAt,
    ...(expiresAt !== undefined && {expiresAt}),
    ...(revokedAt !== undefined && {revokedAt}),
  }
}

function stateOf({expiresAt, revokedAt}: ApiToken, now: Date): ListedToken['state'] {
  if (revokedAt !== undefined) return 'revoked'
  return isOver(expiresAt, now) ? 'expired' : 'usable'
}

function byText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}
