import * as v from 'valibot'

import {count, instant, millis, name, port, text, urlPath} from './schema.js'

/** How a new instance proves that it may get traffic. */
export const healthSchema = v.strictObject({
  /** `http` unless given: GET `path`. `tcp`: it accepts connections. `none`: it stays up. */
  kind: v.optional(v.picklist(['http', 'tcp', 'none'])),
  path: urlPath,
  /** How long an instance may take from its start to its first ready answer. */
  timeoutMillis: millis,
  /** How long it must then stay ready before traffic moves to it. */
  stableMillis: millis,
})

/** How an old instance leaves: drained for at most `timeoutMillis`, then SIGTERM, then SIGKILL after `graceMillis`. */
export const drainSchema = v.strictObject({
  timeoutMillis: millis,
  graceMillis: millis,
  /** How long WebSockets may stay open; as long as requests unless given. */
  webSocketMillis: v.optional(millis),
})

export const limitsSchema = v.strictObject({
  memoryBytes: v.optional(v.pipe(count, v.minValue(1_048_576))),
  /** Processes and threads. */
  tasks: v.optional(v.pipe(count, v.minValue(1), v.maxValue(4_194_304))),
})

/** Names of programs as they are found in PATH. */
export const programNames = v.pipe(
  v.array(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}$/, 'is not the name of a program'))),
  v.maxLength(50),
)

/** The moments around a deploy at which command lines are run. */
export const hookMoments = [
  'before-build',
  'before-deploy',
  'after-deploy',
  'on-failure',
  'on-rollback',
] as const
export type HookMoment = (typeof hookMoments)[number]

const hookLines = v.pipe(
  v.array(
    v.strictObject({line: v.pipe(v.string(), v.minLength(1), v.maxLength(2_000)), timeoutMillis: millis}),
  ),
  v.maxLength(20),
)
export const hooksSchema = v.strictObject({
  'before-build': v.optional(hookLines),
  'before-deploy': v.optional(hookLines),
  'after-deploy': v.optional(hookLines),
  'on-failure': v.optional(hookLines),
  'on-rollback': v.optional(hookLines),
})

export const routeSchema = v.strictObject({kind: v.picklist(['header', 'internal']), value: name})

/** The processes of a Procfile: name to command line. */
export const processesSchema = v.record(name, v.pipe(v.string(), v.minLength(1), v.maxLength(2_000)))

const settingMillis = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3_600_000))

/** How requests of a service are treated where it differs from what is usual; the names are `RoutedSettings`'s. */
const routingSettingsSchema = v.strictObject({
  responseMillis: v.optional(settingMillis),
  connectMillis: v.optional(settingMillis),
  queueMillis: v.optional(settingMillis),
  maxConnections: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000))),
  slowStartMillis: v.optional(settingMillis),
  retries: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10))),
})

export const serviceSchema = v.object({
  v: v.literal(1),
  name,
  owner: text,
  description: text,
  repository: v.optional(text),
  processes: processesSchema,
  health: healthSchema,
  routes: v.array(routeSchema),
  /** The port of `npm run dev`; deployed instances are given one in $PORT. */
  port: v.optional(port),
  /** The services that it says it calls. */
  calls: v.optional(v.array(name)),
  routing: v.optional(routingSettingsSchema),
  registeredAt: instant,
  updatedAt: instant,
})

/** One codebase with a service file, as the catalog knows it. */
export type Service = v.InferOutput<typeof serviceSchema>
export type Health = v.InferOutput<typeof healthSchema>
export type Limits = v.InferOutput<typeof limitsSchema>
export type Hooks = v.InferOutput<typeof hooksSchema>
export type Drain = v.InferOutput<typeof drainSchema>
export type Processes = v.InferOutput<typeof processesSchema>
