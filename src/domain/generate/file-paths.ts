/** Why a path of a template can't be written below the target, or undefined when it can. */
export function pathProblem(path: string): string | undefined {
  if (path.length > 200) return 'is longer than 200 characters'
  if (/[\u0000-\u001f\u007f\\:*?"<>|]/.test(path)) return 'holds a character that not every system takes'
  const segments = path.split('/')
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return 'does not stay below the service directory'
  }
  if (segments.some((segment) => segment.startsWith('~') || /[. ]$/.test(segment))) {
    return 'has a part that starts with ~ or ends with a dot or space'
  }
  if (segments.some((segment) => /^\.git$/i.test(segment))) return "lies in git's own directory"
  return undefined
}

/** Two paths that are one on systems that ignore case, or a file where another path needs a directory. */
export function pathCollision(paths: readonly string[]): [string, string] | undefined {
  const seen = new Map(paths.map((path) => [path.toLowerCase(), path]))
  for (const path of paths) {
    const folded = path.toLowerCase()
    const other = seen.get(folded)
    if (other !== undefined && other !== path) return [path, other]
    const parents = folded.split('/').slice(0, -1)
    for (let depth = 1; depth <= parents.length; depth++) {
      const file = seen.get(parents.slice(0, depth).join('/'))
      if (file !== undefined) return [file, path]
    }
  }
  return paths.length === new Set(paths).size ? undefined : duplicate(paths)
}

function duplicate(paths: readonly string[]): [string, string] | undefined {
  const twice = paths.find((path, index) => paths.indexOf(path) !== index)
  return twice === undefined ? undefined : [twice, twice]
}
