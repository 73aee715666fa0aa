import * as v from 'valibot'

import {count, instant, millis, text} from './schema.js'

export const lockSchema = v.object({
  v: v.literal(1),
  name: text,
  holder: text,
  host: text,
  pid: count,
  /** Tells a living holder from another process that got its number. */
  processStartedAt: text,
  purpose: text,
  since: instant,
  /** The run of a build server that holds it. */
  ciUrl: v.optional(text),
  /** How long it outlives a holder that was killed. */
  ttlMillis: v.optional(millis),
})

/** Who holds a lock; kept under a lease, and its create revision is the fencing token. */
export type Lock = v.InferOutput<typeof lockSchema>
