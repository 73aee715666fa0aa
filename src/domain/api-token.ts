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
