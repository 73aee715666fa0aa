import {createHash} from 'node:crypto'

import {type AuditEntry} from './audit-entry.js'
import {canonicalJson} from './canonical-json.js'

/** How far a chain of rows goes: how many, and the hash of the last. */
export interface ChainEnd {
  count: number
  hash: string
}

/** Stands before the first row. */
export const chainStart: ChainEnd = {count: 0, hash: '0'.repeat(64)}

/**
 * SHA-256, in hexadecimal digits, of the row as UTF-8 text: JSON without its field `hash`, without spaces, the keys
 * sorted (RFC 8785). `previous` is in it, so each row vouches for all rows before it.
 */
export function auditHash(row: object): string {
  const rest = Object.entries(row).filter(([field]) => field !== 'hash')
  return createHash('sha256')
    .update(canonicalJson(Object.fromEntries(rest)))
    .digest('hex')
}

/** The row that follows the chain, complete with its number and hash. */
export function linkAfter(
  end: ChainEnd,
  entry: Omit<AuditEntry, 'v' | 'number' | 'previous' | 'hash'>,
): AuditEntry {
  const row = {...entry, v: 1 as const, number: end.count + 1, previous: end.hash}
  return {...row, hash: auditHash(row)}
}

/**
 * Whether the text of a stored row is exactly the one that follows the chain. Returns the chain with it, or why it
 * doesn't fit. Fields that only a newer yard knows are under the hash like all others.
 */
export function followChain(end: ChainEnd, text: string): ChainEnd | {why: string} {
  let row: unknown
  try {
    row = JSON.parse(text)
  } catch {
    return {why: 'it is not JSON'}
  }
  if (typeof row !== 'object' || row === null) return {why: 'it is not a row'}
  // Spaces, escapes and repeated keys change bytes and no meaning: yard writes none of them.
  if (JSON.stringify(row) !== text) return {why: 'its text is not as yard writes it'}
  const {hash, number, previous} = row as Record<string, unknown>
  if (number !== end.count + 1) return {why: `it says that it is row ${shown(number)}`}
  if (hash !== auditHash(row)) return {why: 'its content is not what its hash was made of'}
  if (previous !== end.hash) return {why: 'it does not follow the row before it'}
  return {count: end.count + 1, hash}
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : 'something else'
}
