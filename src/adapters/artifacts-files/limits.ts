import {directoryOf, maxReleaseDepth, staysInside} from '../../domain/release-path.js'
import {YardError} from '../../errors.js'

export const maxFiles = 250_000
export const maxTotalBytes = 4 * 1024 ** 3
export const maxPathLength = 1_000
export const maxDepth = maxReleaseDepth
/** gzip reaches about 1000 on zeros; real artifacts stay far below. */
export const maxDecompressionRatio = 500

/** What an artifact may not hold, as one clause; undefined when the entry is fine. */
export function faultOf(entry: {
  path: string
  kind: 'file' | 'directory' | 'link' | 'hard-link' | 'other'
  mode: number
  /** Where a link leads: for a symbolic one relative to its place, for a hard one to the top. */
  target?: string
}): string | undefined {
  const {path: entryPath, kind, mode, target} = entry
  if (kind === 'other') return 'is a device, pipe or socket'
  if (!isVisible(entryPath)) return 'has control characters in its name'
  if (entryPath.length > maxPathLength) return 'has too long a path'
  if (!staysInside(entryPath)) return 'is outside of the directory'
  if (kind !== 'link' && (mode & 0o7000) !== 0) return 'has a setuid, setgid or sticky bit'
  if (kind === 'file' || kind === 'directory') return undefined
  const from = kind === 'link' ? directoryOf(entryPath) : ''
  if (target === undefined || target === '' || !staysInside(target, from)) {
    return 'is a link to a place outside of the directory'
  }
  return undefined
}

function isVisible(text: string): boolean {
  return !/[\u0000-\u001f\u007f-\u009f]/.test(text)
}

export function refused(what: string, entryPath: string, why: string): YardError {
  const shown = entryPath.slice(0, 200).replace(/[^\u0020-\u007e]/g, '?')
  return new YardError('E_ARTIFACT', {
    what,
    why: `${shown} ${why}`,
    next: [
      'remove it at the end of the `build` lines in service.yaml',
      'docs/guides/deploy.md, What is shipped',
    ],
    details: {path: shown},
  })
}
