import * as v from 'valibot'

import {releaseId, releaseIdPattern} from './release.js'
import {sidecarStatusSchema} from './sidecar-status.js'
import {count, instant, ipv4, name, port, serverWeight, text} from './schema.js'

/**
 * `billing-r42@web-1` for the web process, `billing-r42.worker@web-1` for others; the second one on a host is
 * `billing-r42.web.2@web-1`.
 */
export const instanceIdPattern =
  /^[a-z][a-z0-9-]{0,39}-r[1-9][0-9]{0,8}(?:\.[a-z][a-z0-9-]{0,39}(?:\.[1-9][0-9]{0,3})?)?@[a-z][a-z0-9-]{0,39}$/

export const instanceStates = ['starting', 'up', 'draining', 'down', 'disabled'] as const

export const instanceSchema = v.object({
  v: v.literal(1),
  id: v.pipe(v.string(), v.regex(instanceIdPattern)),
  service: name,
  release: v.pipe(v.number(), v.integer(), v.minValue(1)),
  process: name,
  environment: name,
  host: name,
  address: ipv4,
  /** Only processes that serve requests have one. */
  port: v.optional(port),
  /** What a deploy or an operator decided; what was observed is in `InstanceStatus`. */
  state: v.picklist(instanceStates),
  /** Its share of the traffic beside the others of its service; 100 unless an operator gave another. */
  weight: v.optional(serverWeight),
  /** The operator who drained or disabled it; absent when a deploy decided its state. */
  takenOutBy: v.optional(text),
  /** While draining: when it is stopped although connections are still open. */
  drainUntil: v.optional(instant),
  deploy: count,
  createdAt: instant,
})

/** One process of a release on a host and port, as decided. */
export type Instance = v.InferOutput<typeof instanceSchema>
export type InstanceState = Instance['state']

export const instanceStatusSchema = v.object({
  v: v.literal(1),
  id: v.pipe(v.string(), v.regex(instanceIdPattern)),
  /** `backing-off`: it ended by itself and is started again at `nextStartAt`. */
  running: v.picklist(['running', 'backing-off', 'stopped']),
  pid: v.optional(count),
  /** What its processes have in memory; known only where its host was asked just now. */
  memoryBytes: v.optional(count),
  since: instant,
  restarts: count,
  lastExit: v.optional(text),
  nextStartAt: v.optional(instant),
  /** What keeps it from being started, in words for people. */
  problem: v.optional(text),
  /** HAProxy's own health check of it; undefined while it gets no traffic. */
  healthy: v.optional(v.boolean()),
  /** Set once a draining instance has no connections left or its time is over. */
  drained: v.optional(v.boolean()),
})

/** One process of a release on a host and port, as the supervisor of its host last saw it; kept under a lease. */
export type InstanceStatus = v.InferOutput<typeof instanceStatusSchema>

/** The parts that an id names, or undefined when it isn't one. */
export function parseInstanceId(
  id: string,
): {service: string; release: number; process: string; index: number; host: string} | undefined {
  const match = /^([a-z0-9-]+)-r(\d+)(?:\.([a-z0-9-]+)(?:\.(\d+))?)?@([a-z0-9-]+)$/.exec(id)
  const [, service, release, process = 'web', index = '1', host] = match ?? []
  if (service === undefined || host === undefined || !instanceIdPattern.test(id)) return undefined
  return {service, release: Number(release), process, index: Number(index), host}
}

/** `index` tells several of one process on one host apart, from 1, which is left out. */
export function instanceId(parts: {
  service: string
  release: number
  process: string
  host: string
  index?: number
}): string {
  const {host, index = 1, process, release, service} = parts
  const number = index === 1 ? '' : `.${index}`
  const suffix = process === 'web' && index === 1 ? '' : `.${process}${number}`
  return `${releaseId(service, release)}${suffix}@${host}`
}

export const agentSchema = v.object({
  v: v.literal(1),
  host: name,
  pid: count,
  startedAt: instant,
  /** The catalog revision that HAProxy and the processes of the host follow. */
  appliedRevision: count,
  haproxyVersion: text,
  /** The release of each instance that serves on the host; one that has two there is named twice. */
  serving: v.optional(v.array(v.pipe(v.string(), v.regex(releaseIdPattern)))),
  /** What keeps the host from following the catalog, in words for people. */
  problem: v.optional(text),
  /** Catalog records that were skipped because they can't be trusted. */
  skipped: v.array(text),
  /** Said by a sidecar. */
  sidecar: v.optional(sidecarStatusSchema),
})

/** The process that holds a host to what the catalog says: `yard up` on a laptop. Kept under a lease. */
export type Agent = v.InferOutput<typeof agentSchema>

/** Instances by the name of their service, in their order; one pass, because there may be tens of thousands. */
export function byService<T extends Pick<Instance, 'service'>>(instances: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const instance of instances) {
    const group = groups.get(instance.service)
    if (group === undefined) groups.set(instance.service, [instance])
    else group.push(instance)
  }
  return groups
}
