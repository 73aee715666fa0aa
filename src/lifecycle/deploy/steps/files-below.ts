import {type ManifestFile} from '../../../domain/release-manifest.js'

/**
 * Every file of a release that globs may match, and some that they don't: what lies below the directories that they begin
 * with and ends as they end. All of the release where a link among them leads elsewhere in it.
 */
export function filesBelow(files: readonly ManifestFile[], globs: readonly string[]): ManifestFile[] {
  const parts = globs.map(partsOf)
  const isWanted = (path: string) =>
    parts.some(({base, end}) => `${path}/`.startsWith(base) && path.endsWith(end))
  const isAbove = (path: string) => parts.some(({base}) => base.startsWith(`${path}/`))
  const isElsewhere = files.some(({kind, path}) => kind === 'link' && (isWanted(path) || isAbove(path)))
  return isElsewhere ? [...files] : files.filter(({path}) => isWanted(path))
}

/** What every path that a glob matches begins and ends with. */
function partsOf(glob: string): {base: string; end: string} {
  const text = glob.replace(/^(?:\.\/)+/, '')
  const fixed = /^[^*?{]*/.exec(text)?.[0] ?? ''
  if (fixed === text) return {base: `${text}/`, end: ''}
  return {base: fixed.slice(0, fixed.lastIndexOf('/') + 1), end: /[^*?}/]*$/.exec(text)?.[0] ?? ''}
}
