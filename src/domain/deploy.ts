import * as v from 'valibot'

import {bindingSchema, buildIdPattern} from './release.js'
import {scaledProcesses} from './scale.js'
import {commit, count, instant, millis, name, text} from './schema.js'
import {failurePolicies, strategySchema} from './strategy.js'

/** The steps of a deploy, in their order. Each attempt of each step is a row in the catalog. */
export const deploySteps = [
  'recover',
  'build',
  'release',
  'check',
  'unpack',
  'prepare',
  'start',
  'health',
  'verify',
  'move',
  'bake',
  'smoke',
  'drain',
  'prune',
] as const

export type DeployStepName = (typeof deploySteps)[number]

export const deploySchema = v.object({
  v: v.literal(1),
  number: v.pipe(v.number(), v.integer(), v.minValue(1)),
  service: name,
  environment: name,
  kind: v.picklist(['deploy', 'rollback', 'promote', 'scale', 'restart']),
  ref: text,
  commit: v.optional(commit),
  build: v.optional(v.pipe(v.string(), v.regex(buildIdPattern))),
  dirty: v.boolean(),
  release: v.optional(count),
  /** The release that had the traffic when this deploy began. */
  before: v.optional(count),
  /** Who had the traffic then, as going back brings it back; absent when nobody had it. */
  beforeBinding: v.optional(bindingSchema),
  strategy: v.optional(strategySchema),
  /** Names of hosts, in the groups in which they get the release. */
  batches: v.optional(v.array(v.array(name))),
  onFailure: v.optional(v.picklist(failurePolicies)),
  /** How long connections that stay open, such as WebSockets, may keep an old instance; the release's own time unless given. */
  webSocketMillis: v.optional(millis),
  /** The release of another environment that is promoted. */
  promotedFrom: v.optional(count),
  /** How many instances of each process there shall be from now on, and what the scale said before, if there was one. */
  scale: v.optional(v.object({wanted: scaledProcesses, before: v.optional(scaledProcesses)})),
  by: text,
  host: text,
  startedAt: instant,
  finishedAt: v.optional(instant),
  /**
   * `interrupted` is written by the next deploy that finds this one without a living holder. `paused`: a batch failed, and
   * everything stays as it is until somebody resumes or aborts it. `partial`: it is live, but not on every host.
   */
  outcome: v.picklist(['running', 'live', 'failed', 'interrupted', 'paused', 'partial', 'aborted']),
  /** Hosts that did not get the release, each with the reason. */
  failedHosts: v.optional(v.array(v.object({host: name, why: text}))),
  /** Ids of instances that ignored SIGTERM for their whole grace time: what they had under way is lost. */
  killed: v.optional(v.array(text)),
  failedStep: v.optional(v.picklist(deploySteps)),
  why: v.optional(text),
})

/** One attempt to put a release into an environment. */
export type Deploy = v.InferOutput<typeof deploySchema>

export const deployStepSchema = v.object({
  v: v.literal(1),
  deploy: count,
  step: v.picklist(deploySteps),
  attempt: count,
  startedAt: instant,
  finishedAt: v.optional(instant),
  durationMillis: v.optional(millis),
  outcome: v.picklist(['running', 'done', 'skipped', 'failed']),
  detail: v.optional(text),
  /** Of the deploy, from 1; absent for what is done once for all hosts. */
  batch: v.optional(count),
  /** How each host of the step is. */
  hosts: v.optional(
    v.array(
      v.object({
        host: name,
        outcome: v.picklist(['waiting', 'running', 'done', 'failed']),
        detail: v.optional(text),
      }),
    ),
  ),
})

export type DeployStep = v.InferOutput<typeof deployStepSchema>
