import * as v from 'valibot'

import {instant, name, text} from './schema.js'

export const lossAcceptanceSchema = v.object({
  v: v.literal(1),
  environment: name,
  by: text,
  at: instant,
})

/** An operator says that what vanished from the catalog before this was written is meant to be gone. */
export type LossAcceptance = v.InferOutput<typeof lossAcceptanceSchema>
