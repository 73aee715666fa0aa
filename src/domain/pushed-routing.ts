import * as v from 'valibot'

import {count, digest, instant, name, text} from './schema.js'

export const pushedRoutingSchema = v.object({
  v: v.literal(1),
  environment: name,
  host: name,
  /** The catalog revision that was pushed. */
  revision: count,
  /** How many routing records it was made of, without instances that are down: a deletion shows in nothing else. */
  records: v.optional(count),
  generation: digest,
  by: text,
  at: instant,
})

/** What `yard push` brought to a host last. */
export type PushedRouting = v.InferOutput<typeof pushedRoutingSchema>
