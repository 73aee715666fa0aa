const mostAlternatives = 64

/**
 * Whether a path with forward slashes matches: `*` and `?` inside one name, `**` for any number of directories,
 * `{a,b}` for alternatives. A leading dot is matched like any other character. Takes no longer than the product of
 * both lengths, whatever the pattern.
 */
export function compileGlob(glob: string): (path: string) => boolean {
  const patterns = alternatives(withoutDot(glob)).map((pattern) => pattern.split('/'))
  return (path) => {
    const names = path.split('/')
    return patterns.some((pattern) => matchesNames(pattern, names))
  }
}

/** The directory that every match lies below, so that nothing else is searched; empty for the start. */
export function globBase(glob: string): string {
  const names = withoutDot(glob).split('/')
  const first = names.findIndex((name) => /[*?{]/.test(name))
  const fixed = first === -1 ? names.slice(0, -1) : names.slice(0, Math.min(first, names.length - 1))
  return fixed.includes('..') ? '' : fixed.join('/')
}

function withoutDot(glob: string): string {
  return glob.replace(/^(?:\.\/)+/, '')
}

/** `a{b,c}d` to `abd` and `acd`; braces that don't pair stand for themselves. */
function alternatives(glob: string): string[] {
  const ready: string[] = []
  const waiting = [glob]
  while (waiting.length > 0 && ready.length + waiting.length <= mostAlternatives) {
    const next = waiting.pop() ?? ''
    const found = /\{([^{}]*,[^{}]*)\}/.exec(next)
    if (found === null) ready.push(next)
    else
      for (const choice of (found[1] ?? '').split(','))
        waiting.push(next.slice(0, found.index) + choice + next.slice(found.index + found[0].length))
  }
  return [...ready, ...waiting]
}

function matchesNames(pattern: string[], names: string[]): boolean {
  return matchesWith(pattern, names, (part) => part === '**', matchesName)
}

function matchesName(pattern: string, name: string): boolean {
  return matchesWith(
    Array.from(pattern),
    Array.from(name),
    (part) => part === '*',
    (part, it) => part === '?' || part === it,
  )
}

/** Wildcards over a list: on a mismatch only the last one takes one more item, which is enough and stays quadratic. */
function matchesWith(
  pattern: string[],
  items: string[],
  isWildcard: (part: string) => boolean,
  matches: (part: string, item: string) => boolean,
): boolean {
  let at = 0
  let item = 0
  let wildcard: {at: number; item: number} | undefined
  while (item < items.length) {
    const part = pattern[at]
    if (part !== undefined && isWildcard(part)) {
      wildcard = {at, item}
      at += 1
    } else if (part !== undefined && matches(part, items[item] ?? '')) {
      at += 1
      item += 1
    } else if (wildcard !== undefined) {
      wildcard.item += 1
      at = wildcard.at + 1
      item = wildcard.item
    } else {
      return false
    }
  }
  return pattern.slice(at).every(isWildcard)
}
