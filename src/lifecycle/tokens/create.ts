import {type Catalog} from '../../catalog/catalog.js'
import {absent} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {reportBad} from '../../catalog/report-bad.js'
import {type Clock} from '../../contracts/clock.js'
import {type Report} from '../../contracts/report.js'
import {type ApiToken, type Role} from '../../domain/api-token.js'
import {parseDuration} from '../../domain/duration.js'
import {isName, printable, suggestName} from '../../domain/names.js'
import {parseTokenText, secretDigest, tokenText} from '../../domain/token-text.js'
import {YardError} from '../../errors.js'
import {isInUse} from './list.js'

export interface TokenCreateNeeds {
  catalog: Catalog
  clock: Clock
  report: Report
  /** So many bytes that nobody can guess. */
  randomBytes: (count: number) => Uint8Array
  /** Who is at work. */
  actor: string
}

export interface TokenCreateRequest {
  name: string
  role: Role
  /** Such as `90d`; never when undefined. */
  expires: string | undefined
  dryRun: boolean
}

export interface TokenCreateReport {
  name: string
  role: Role
  id: string
  /** Shown once; the catalog keeps only its digest. Absent in a dry run. */
  token?: string
  expiresAt?: string
  dryRun: boolean
}

/**
 * Makes a token for somebody to use the catalog over HTTP. A name is used again once its token was revoked or expired.
 * @throws YardError E_NAME_INVALID, E_USAGE for an expiry that is none, E_TARGET_EXISTS when the name is in use,
 * E_CONFLICT
 */
export async function createToken(
  needs: TokenCreateNeeds,
  request: TokenCreateRequest,
): Promise<TokenCreateReport> {
  const {actor, catalog, clock, randomBytes, report} = needs
  const {dryRun, role} = request
  const name = parseTokenName(request.name)
  const now = clock.now()
  const expiresAt = expiryOf(request.expires, now)
  const {records, bad} = await catalog.tokens.list(keys.tokens)
  reportBad(report, bad)
  if (records.some(({record}) => record.name === name && isInUse(record, now))) throw nameInUse(name)

  const token = tokenText(randomBytes(8), randomBytes(32))
  const {id, secret} = parseTokenText(token) ?? {id: '', secret: ''}
  const record: ApiToken = {
    v: 1,
    id,
    name,
    role,
    digest: secretDigest(secret),
    createdBy: actor,
    createdAt: now.toISOString(),
    ...(expiresAt !== undefined && {expiresAt}),
  }
  const shared = {name, role, id, dryRun, ...(expiresAt !== undefined && {expiresAt})}
  const write = catalog.tokens.put(keys.token(id), record)
  if (dryRun) return shared
  await catalog.commit(`Can't make the token ${name}`, [absent(keys.token(id))], [write])
  return {...shared, token}
}

/** @throws YardError E_NAME_INVALID */
function parseTokenName(name: string): string {
  if (isName(name)) return name
  const suggestion = suggestName(name)
  throw new YardError('E_NAME_INVALID', {
    what: `${printable(name)} can't be the name of a token`,
    why: 'a name is 1 to 40 lower-case letters, digits and single dashes, and starts with a letter',
    next: [suggestion === undefined ? 'choose a name such as ci or web-1' : `try ${suggestion}`],
  })
}

/** @throws YardError E_USAGE */
function expiryOf(expires: string | undefined, now: Date): string | undefined {
  if (expires === undefined) return undefined
  const millis = parseDuration(expires)
  if (millis !== undefined && millis > 0) return new Date(now.getTime() + millis).toISOString()
  throw new YardError('E_USAGE', {
    what: `Can't make a token that expires in ${printable(expires)}`,
    why: 'it is not a time such as 12h, 30d or 365d',
    next: ['yard tokens create ci --role deployer --expires 90d'],
  })
}

function nameInUse(name: string): YardError {
  return new YardError('E_TARGET_EXISTS', {
    what: `Can't make the token ${name}`,
    why: 'there is one of this name, and it can be used',
    next: [`yard tokens revoke ${name}`, 'yard tokens list'],
  })
}
