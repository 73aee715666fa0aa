import {parseDuration} from '../duration.js'

const instantPattern = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/

/** Milliseconds since 1970 of `5m` (so long before now) or of an ISO time such as `2026-11-20T19:15:00Z`. */
export function parseSince(value: string, now: Date): number | undefined {
  const ago = parseDuration(value)
  if (ago !== undefined) return now.getTime() - ago
  const at = instantPattern.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}
