/** What identifies a build: its commit, or the commit and a hash of the work tree with its uncommitted changes. */
export function buildIdOf(commit: string, workTreeDigest?: string): string {
  return workTreeDigest === undefined ? commit : `${commit}-dirty-${workTreeDigest.slice(0, 16)}`
}

/** As people write a commit: `1a2b3c4`, `1a2b3c4+changes`. */
export function shortCommit(commit: string, dirty = false): string {
  return `${commit.slice(0, 7)}${dirty ? '+changes' : ''}`
}
