import * as v from 'valibot'

import {millis} from './schema.js'

/** A number of hosts, or a share of all of them in percent. */
export const batchSizeSchema = v.union([
  v.strictObject({hosts: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000))}),
  v.strictObject({percent: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100))}),
])

export type BatchSize = v.InferOutput<typeof batchSizeSchema>

/** How long all are watched once they have the traffic, before the old instances are ended; not at all unless given. */
const lastWatch = {bakeMillis: v.optional(millis)}

export const strategySchema = v.variant('kind', [
  /** Batch after batch: the new instances of a batch get the traffic of the old ones there. */
  v.strictObject({kind: v.literal('rolling'), batch: batchSizeSchema, ...lastWatch}),
  /** All new instances are up and pass the smoke tests before one transaction moves the traffic. */
  v.strictObject({kind: v.literal('blue-green'), ...lastWatch}),
  /** The first batch gets a share of the traffic and is watched; then the others follow. */
  v.strictObject({
    kind: v.literal('canary'),
    /** Percent of the traffic. */
    weight: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(99)),
    bakeMillis: millis,
    batch: batchSizeSchema,
  }),
])

/** How a release takes the place of the one before it. */
export type Strategy = v.InferOutput<typeof strategySchema>

export const defaultStrategy: Strategy = {kind: 'rolling', batch: {hosts: 1}}

/** What is done when a batch fails: all goes back, everything stays as it is, or the other hosts go on. */
export const failurePolicies = ['rollback', 'pause', 'continue'] as const
export type FailurePolicy = (typeof failurePolicies)[number]

/** How long all new instances are watched at the end; a canary was watched before. */
export function lastWatchMillis(strategy: Strategy): number {
  return strategy.kind === 'canary' ? 0 : (strategy.bakeMillis ?? 0)
}

/** Hosts in the groups in which they get the release, in their order. */
export function batchesOf<T>(hosts: readonly T[], strategy: Strategy): T[][] {
  if (strategy.kind === 'blue-green' || hosts.length <= 1) return hosts.length === 0 ? [] : [[...hosts]]
  const size = sizeOf(strategy.batch, hosts.length)
  const batches: T[][] = []
  // A canary is one host, however large the batches after it are.
  let start = 0
  if (strategy.kind === 'canary') {
    batches.push(hosts.slice(0, 1))
    start = 1
  }
  for (; start < hosts.length; start += size) batches.push(hosts.slice(start, start + size))
  return batches
}

function sizeOf(batch: BatchSize, hosts: number): number {
  return 'hosts' in batch ? batch.hosts : Math.max(1, Math.floor((hosts * batch.percent) / 100))
}
