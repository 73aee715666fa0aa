import * as v from 'valibot'

import {releaseSecrets} from './config-value.js'
import {commit, count, digest, environmentVariables, instant, name, text} from './schema.js'
import {
  drainSchema,
  healthSchema,
  hooksSchema,
  limitsSchema,
  processesSchema,
  programNames,
} from './service.js'

/** Identifies what a build was made of: a commit, or a commit with uncommitted changes (`--allow-dirty`). */
export const buildIdPattern = /^[0-9a-f]{40}(?:[0-9a-f]{24})?(?:-dirty-[0-9a-f]{16})?$/

export const buildSchema = v.object({
  v: v.literal(1),
  service: name,
  id: v.pipe(v.string(), v.regex(buildIdPattern)),
  commit,
  dirty: v.boolean(),
  status: v.picklist(['running', 'succeeded', 'failed']),
  artifact: v.optional(digest),
  startedAt: instant,
  finishedAt: v.optional(instant),
})

/** One commit turned into an artifact. */
export type Build = v.InferOutput<typeof buildSchema>

export const releaseSchema = v.object({
  v: v.literal(1),
  service: name,
  number: v.pipe(v.number(), v.integer(), v.minValue(1)),
  environment: name,
  build: v.pipe(v.string(), v.regex(buildIdPattern)),
  commit,
  ref: text,
  dirty: v.boolean(),
  artifact: digest,
  /** Of the list of its files, so that a host which has it can be asked for them without being believed. */
  filesDigest: v.optional(digest),
  /** Non-secret values the processes of this release get in their environment. */
  variables: environmentVariables,
  /** What is opened only where the processes are started, by variable name: sealed text or a reference. */
  secrets: v.optional(releaseSecrets),
  processes: processesSchema,
  health: healthSchema,
  drain: drainSchema,
  /** Globs of smoke files below the release directory. */
  smoke: v.array(text),
  /** What each of its instances may take at most. */
  limits: v.optional(limitsSchema),
  /** Programs that a host must have. */
  needs: v.optional(programNames),
  /** Command lines run around a deploy, on the machine that deploys. */
  hooks: v.optional(hooksSchema),
  /** The release of another environment whose build this is. */
  promotedFrom: v.optional(count),
  createdAt: instant,
  createdBy: text,
})

/** Build plus config: immutable, numbered per service. */
export type Release = v.InferOutput<typeof releaseSchema>

export const releaseIdPattern = /^[a-z][a-z0-9-]{0,39}-r[1-9][0-9]{0,8}$/

/** `billing-r42` */
export function releaseId(service: string, number: number): string {
  return `${service}-r${number}`
}

export const bindingSchema = v.object({
  v: v.literal(1),
  service: name,
  /** The release that traffic goes to, and the one that `yard rollback` would return to. */
  active: count,
  previous: v.optional(count),
  /** A release that gets traffic beside the active one, while a deploy goes from batch to batch. */
  joining: v.optional(count),
  /** A third one, that had traffic beside the active one before such a deploy, where that deploy hasn't come by yet. */
  staying: v.optional(count),
  /** How many instances of the active release were given the traffic. */
  instances: v.optional(count),
  movedAt: instant,
  deploy: count,
})

/** Which release of a service has the traffic of an environment: a switch or a rollback is one compare-and-swap here. */
export type Binding = v.InferOutput<typeof bindingSchema>
