/** Directories below each other, in one path of a release. */
export const maxReleaseDepth = 100

/** Whether a path, followed from a directory below the top, never leaves the top. */
export function staysInside(target: string, from = ''): boolean {
  if (target.startsWith('/') || target.includes('\0') || target.includes('\\')) return false
  let depth = from.split('/').filter((part) => part !== '' && part !== '.').length
  for (const part of target.split('/')) {
    if (part === '..') depth -= 1
    else if (part !== '' && part !== '.') depth += 1
    if (depth < 0 || depth > maxReleaseDepth) return false
  }
  return true
}

/** The directory that holds a path, `''` for the top. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
