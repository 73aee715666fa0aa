/**
 * JSON without spaces, with the keys of every object sorted by their UTF-16 units: the form of RFC 8785 for what JSON
 * can hold. The same value always gives the same text.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(withSortedKeys(value))
}

/** The same value with the keys of every object sorted, so that any printer of JSON gives stable text. */
export function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value as Record<string, unknown>)
  // `fromEntries` makes `__proto__` an ordinary key, an assignment would not.
  return Object.fromEntries(
    entries
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, inner]) => [key, withSortedKeys(inner)]),
  )
}
