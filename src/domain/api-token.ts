import * as v from 'valibot'

import {digest, instant, name, text} from './schema.js'

export const roles = ['reader', 'deployer', 'admin'] as const

export const apiTokenSchema = v.object({
  v: v.literal(1),
  /** The public part of the token, which finds this record. */
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/, 'is not the id of a token')),
  name,
  role: v.picklist(roles),
  /** SHA-256 of the secret part; the token itself is shown once and kept nowhere. */
  digest,
  createdBy: text,
  createdAt: instant,
  expiresAt: v.optional(instant),
  revokedAt: v.optional(instant),
})

/** Lets somebody use the catalog over HTTP. */
export type ApiToken = v.InferOutput<typeof apiTokenSchema>
export type Role = ApiToken['role']

/** Whether a token has run out. A time that can't be told, such as one with half an offset, is over: it opens nothing. */
export function isOver(expiresAt: string | undefined, now: Date): boolean {
  return expiresAt !== undefined && !(Date.parse(expiresAt) > now.getTime())
}
