import * as v from 'valibot'

import {count, digest, instant, millis, text} from './schema.js'

/** What a sidecar says of itself: to the catalog while it can, and to its own machine always. */
export const sidecarStatusSchema = v.object({
  version: text,
  /** The newest revision of the catalog that it saw, and when it last made sure that there is no newer one. */
  seenRevision: count,
  seenAt: instant,
  /** How many records of the environment's routing it follows. */
  records: count,
  /** Absent while it hears the catalog. */
  staleSince: v.optional(instant),
  /** When HAProxy began to follow the revision that is applied. */
  appliedAt: v.optional(instant),
  /** Since when HAProxy doesn't follow all of what was seen; absent while it does. */
  behindSince: v.optional(instant),
  /** Of the configuration that HAProxy was read back to follow. */
  generation: v.optional(digest),
  /** The last change that changed anything. */
  lastChange: v.optional(
    v.object({how: v.picklist(['runtime', 'reload']), durationMillis: millis, at: instant}),
  ),
  reloads: v.object({done: count, refused: count, avoided: count}),
  workers: count,
  /** Losses that are held back because so many at once look like a mistake; a line each for people. */
  suspects: v.array(text),
  /** In what HAProxy differs from what was applied; a line each for people. */
  drift: v.array(text),
  /** What is on disk and waits for a reload. */
  isReloadOwed: v.boolean(),
})

export type SidecarStatus = v.InferOutput<typeof sidecarStatusSchema>
