const units: Readonly<Record<string, number>> = {ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000}

/** A hundred years: longer times are mistakes. */
const longestMillis = 100 * 365 * 86_400_000

/** Milliseconds of `250ms`, `30s`, `5m`, `2h`, `1d` or a sequence such as `1h30m`; undefined for anything else. */
export function parseDuration(value: string): number | undefined {
  if (!/^(?:[0-9]{1,12}(?:\.[0-9]{1,3})?(?:ms|s|m|h|d)){1,5}$/.test(value)) return undefined
  let total = 0
  for (const [, amount = '', unit = ''] of value.matchAll(/([0-9.]+)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (units[unit] ?? 0)
  }
  const millis = Math.round(total)
  return millis <= longestMillis ? millis : undefined
}
