import * as v from 'valibot'

import {count, digest, instant, name} from './schema.js'

export const routingSnapshotSchema = v.object({
  v: v.literal(1),
  environment: name,
  /** Of the environment's routing, and of the services. */
  revisions: v.object({routed: count, services: count}),
  /** When the catalog was last heard. */
  seenAt: instant,
  /** Services whose record vanished while something is held back. */
  vanished: v.pipe(v.array(name), v.maxLength(100_000)),
  lines: count,
  /** Of the lines below. */
  sha256: digest,
})

/** The first line of the file in which a sidecar keeps what it follows, for a start without the catalog. */
export type RoutingSnapshotHead = v.InferOutput<typeof routingSnapshotSchema>

export const heldLineSchema = v.object({
  at: instant,
  revision: count,
  service: v.optional(name),
  inMass: v.optional(v.boolean()),
})

/** What stands in front of a record that is gone from the catalog and held back. */
export type HeldLine = v.InferOutput<typeof heldLineSchema>
