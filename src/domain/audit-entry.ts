import * as v from 'valibot'

import {count, digest, instant, millis, name, text} from './schema.js'

export const auditEntrySchema = v.object({
  v: v.literal(1),
  /** 1 for the first row; no number is missing. */
  number: v.pipe(v.number(), v.integer(), v.minValue(1)),
  at: instant,
  /** The operating-system user, the identity in git, the token of the catalog over HTTP. */
  by: text,
  git: v.optional(text),
  token: v.optional(text),
  host: text,
  /** The run of a build server that the command was part of. */
  ciUrl: v.optional(text),
  command: text,
  /** What was asked for, without values that may be secret. */
  arguments: v.optional(v.array(text)),
  service: v.optional(name),
  environment: v.optional(name),
  outcome: v.picklist(['done', 'failed']),
  code: v.optional(text),
  durationMillis: millis,
  /** The hash of the row before; 64 zeros for the first. */
  previous: digest,
  /** SHA-256 of this row without this field. */
  hash: digest,
})

/** One changing command: who, where, what, how it ended. */
export type AuditEntry = v.InferOutput<typeof auditEntrySchema>

export const auditHeadSchema = v.object({v: v.literal(1), count, hash: digest})

/** How many rows there are and the hash of the last, so that a tail that was cut off is missed. */
export type AuditHead = v.InferOutput<typeof auditHeadSchema>
