import * as v from 'valibot'

import {name, port, text} from './schema.js'

export const portReservationSchema = v.object({
  v: v.literal(1),
  environment: name,
  host: name,
  port,
  /** The instance it's kept for. */
  owner: text,
})

/** A port of a host that nobody else may be given; made by compare-and-swap. */
export type PortReservation = v.InferOutput<typeof portReservationSchema>

/** Below the ports that Linux hands out by itself (32768 and up), above those that programs are known by. */
export const instancePorts = {first: 21_000, last: 28_999} as const
