import * as v from 'valibot'

import {agentSchema} from './instance.js'
import {count, name} from './schema.js'

/** What a sidecar answers on its own machine: what it tells the catalog, and how old that is by a clock that nobody sets. */
export const sidecarDoorSchema = v.object({
  v: v.literal(1),
  environment: name,
  agent: agentSchema,
  /** Since it last made sure that the catalog holds nothing newer. */
  millisSinceSeen: count,
  /** For how long HAProxy hasn't followed all of what was seen; 0 while it does. */
  millisBehind: count,
})

export type SidecarDoorStatus = v.InferOutput<typeof sidecarDoorSchema>

/** Beside the port of the router and that of its statistics. */
export function doorPortOf(routerPort: number): number {
  return routerPort + 2
}
