import * as v from 'valibot'

import {check} from '../schema.js'
import {sourceIdPattern} from './parts.js'

const sourceSchema = v.object({
  id: v.pipe(v.string(), v.regex(sourceIdPattern)),
  labels: v.record(v.string(), v.string()),
})

/** What the lines of one process are filed under. */
export type LogSource = v.InferOutput<typeof sourceSchema>

/** Undefined when the text is not a source: what is on disk is untrusted. */
export function parseSource(text: string): LogSource | undefined {
  try {
    const checked = check(sourceSchema, JSON.parse(text))
    return checked.ok ? checked.value : undefined
  } catch {
    return undefined
  }
}

/** Whether the labels hold all of the wanted ones. */
export function hasLabels(
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value)
}
