import * as v from 'valibot'

import {sealedText} from './config-value.js'
import {digest, instant, name, text} from './schema.js'

export const consumerSchema = v.object({
  v: v.literal(1),
  /** Who is called. */
  service: name,
  /** Who may call it. */
  consumer: name,
  /** The token of the pair, sealed to the recipients of the platform. */
  token: sealedText,
  /** SHA-256 of the token, so that the called service can check it without ever knowing it. */
  tokenDigest: digest,
  addedBy: text,
  addedAt: instant,
  /** When it was last given another token. */
  rotatedAt: v.optional(instant),
})

/** A service that may call another. */
export type Consumer = v.InferOutput<typeof consumerSchema>

/** What a consumer finds the token in that it shows to the service it calls: `YARD_TOKEN_ORDER_HISTORY`. */
export function tokenVariable(service: string): string {
  return `YARD_TOKEN_${service.toUpperCase().replaceAll('-', '_')}`
}
