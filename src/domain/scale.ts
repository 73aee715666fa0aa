import * as v from 'valibot'

import {count, instant, name, text} from './schema.js'

/** The most instances of a process in an environment. */
export const mostInstances = 1_000

/** The most instances of a service on one host: what it is told at once has its limits, too. */
export const mostInstancesOnHost = 100

export const scaledProcesses = v.record(name, v.pipe(count, v.maxValue(mostInstances)))

export const scaleSchema = v.object({
  v: v.literal(1),
  service: name,
  environment: name,
  /** How many instances of each process run in the environment; a process that isn't named runs once on every host. */
  processes: scaledProcesses,
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

/** Puts names of hosts in the order in which people count them: `web-2` before `web-10`. */
export function compareHosts(one: string, other: string): number {
  return one.localeCompare(other, 'en', {numeric: true})
}

/**
 * Where the instances of a release run: one of each process on every host, or as many as the scale says, spread over the
 * hosts in the order of their names.
 */
export function placements(
  hosts: readonly string[],
  processes: readonly string[],
  scale: Pick<Scale, 'processes'> | undefined,
): Placement[] {
  const names = [...hosts].sort(compareHosts)
  return processes.flatMap((process) => {
    const count = scale?.processes[process] ?? hosts.length
    return Array.from({length: hosts.length === 0 ? 0 : count}, (_, place) => ({
      host: names[place % names.length] ?? '',
      process,
      index: Math.floor(place / hosts.length) + 1,
    }))
  })
}
