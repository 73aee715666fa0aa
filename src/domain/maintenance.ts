import * as v from 'valibot'

import {instant, name, text} from './schema.js'

/** Words that mean nothing to HAProxy, HTML or JSON. */
export const maintenanceMessagePattern = /^[A-Za-z0-9](?:[A-Za-z0-9 .,:;!?()/+@_-]{0,198}[A-Za-z0-9.!?)])?$/

export const maintenanceSchema = v.object({
  v: v.literal(1),
  environment: name,
  service: name,
  message: v.pipe(v.string(), v.regex(maintenanceMessagePattern, 'is not a plain sentence')),
  since: instant,
  by: text,
})

/** A service that an operator closed: its callers are told so, and its instances get no requests. */
export type Maintenance = v.InferOutput<typeof maintenanceSchema>
