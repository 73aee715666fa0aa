import {createHash, timingSafeEqual} from 'node:crypto'

import {type Catalog} from '../catalog/catalog.js'
import {keys} from '../catalog/keys.js'
import {type Clock} from '../contracts/clock.js'
import {isOver, type Role} from '../domain/api-token.js'
import {parseTokenText, secretDigest} from '../domain/token-text.js'

/** Who asks. */
export interface Caller {
  /** Of the token; tells two of one name apart. */
  id: string
  name: string
  role: Role
}

export type Authentication = {kind: 'accepted'; caller: Caller} | {kind: 'refused'; why: string}

/** Decides by the `Authorization` header alone; asked for each request, and again while a watch is open. */
export type Authenticate = (authorization: string | undefined) => Promise<Authentication>

/**
 * Accepts the tokens that are in the catalog at this moment, so that a revoked one is refused from the next request on.
 * Why a token is refused is said only to those who have all of it.
 */
export function tokenAuthentication(catalog: Pick<Catalog, 'tokens'>, clock: Clock): Authenticate {
  return async (authorization) => {
    if (authorization === undefined) return refused('the request has no token')
    const token = parseTokenText(/^Bearer ([\x21-\x7e]{1,200})$/i.exec(authorization)?.[1] ?? '')
    if (token === undefined) return refused('what the request has is not a token of yard')
    const stored = await catalog.tokens.get(keys.token(token.id))
    // An unknown token takes as long as a known one with a wrong secret.
    const isRight = areEqual(secretDigest(token.secret), stored?.record.digest ?? noDigest)
    if (stored === undefined || !isRight) return refused('nobody has this token')
    const {expiresAt, id, name, revokedAt, role} = stored.record
    if (revokedAt !== undefined) return refused(`the token ${name} was revoked`)
    if (isOver(expiresAt, clock.now())) return refused(`the token ${name} expired at ${expiresAt}`)
    return {kind: 'accepted', caller: {id, name, role}}
  }
}

/** Tells credentials apart without keeping them. */
export function fingerprint(authorization: string): string {
  return createHash('sha256').update(authorization).digest('base64')
}

const noDigest = '0'.repeat(64)

function areEqual(left: string, right: string): boolean {
  return timingSafeEqual(Buffer.from(left, 'hex'), Buffer.from(right, 'hex'))
}

function refused(why: string): Authentication {
  return {kind: 'refused', why}
}
