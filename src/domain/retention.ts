/** How many unpacked releases of a service stay on a host. */
export const keptReleases = 5

/**
 * The releases that may go: all but the newest five, the live one and the ones a rollback may return to.
 * Ascending.
 */
export function releasesToPrune(
  present: readonly number[],
  needed: readonly (number | undefined)[],
  kept = keptReleases,
): number[] {
  const newest = [...present].sort((one, other) => other - one).slice(0, kept)
  const staying = new Set([...newest, ...needed])
  return present.filter((release) => !staying.has(release)).sort((one, other) => one - other)
}
