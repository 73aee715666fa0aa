import * as v from 'valibot'

import {count, instant, name, text} from './schema.js'

export const scaleSchema = v.object({
  v: v.literal(1),
  service: name,
  environment: name,
  /** How many instances of each process run in the environment; a process that isn't named runs once on every host. */
  processes: v.record(name, v.pipe(count, v.maxValue(1_000))),
  by: text,
  changedAt: instant,
})

/** How many instances of a service an environment has, as an operator decided. */
export type Scale = v.InferOutput<typeof scaleSchema>

/** One instance to be: the `index` tells several of a process on one host apart, from 1. */
export interface Placement {
  host: string
  process: string
  index: number
}

/**
 * Where the instances of a release run: one of each process on every host, or as many as the scale says, spread over the
 * hosts in their order.
 */
export function placements(
  hosts: readonly string[],
  processes: readonly string[],
  scale: Pick<Scale, 'processes'> | undefined,
): Placement[] {
  return processes.flatMap((process) => {
    const count = scale?.processes[process] ?? hosts.length
    return Array.from({length: hosts.length === 0 ? 0 : count}, (_, place) => ({
      host: hosts[place % hosts.length] ?? '',
      process,
      index: Math.floor(place / hosts.length) + 1,
    }))
  })
}
