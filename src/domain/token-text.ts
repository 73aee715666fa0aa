import {createHash} from 'node:crypto'

/** How a token is written: `yard_`, its id, and 32 random bytes. Scanners of secrets find it by its beginning. */
const pattern = /^yard_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/

/** The two halves of a token as its owner holds it. */
export interface TokenText {
  /** Finds the record; not a secret. */
  id: string
  secret: string
}

/** Undefined for what can't be a token. */
export function parseTokenText(text: string): TokenText | undefined {
  const [, id, secret] = pattern.exec(text) ?? []
  return id === undefined || secret === undefined ? undefined : {id, secret}
}

/** Writes a token from 8 bytes for its id and 32 for its secret. */
export function tokenText(id: Uint8Array, secret: Uint8Array): string {
  return `yard_${Buffer.from(id).toString('hex')}_${Buffer.from(secret).toString('base64url')}`
}

/** What is kept of a secret: 256 random bits need no salt and no slow hash. */
export function secretDigest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
