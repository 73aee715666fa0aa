import {sshKeyPattern} from './environment.js'

export interface ReadKeys {
  /** As in `ssh-ed25519 AAAA… ada@laptop`; each key once. */
  lines: string[]
  /** How many are restricted by options, or aren't keys. */
  leftOut: number
}

const header = '# Who may bring releases here. yard host setup adds keys and never removes one: do that here.'
const longestComment = 100

/**
 * The keys among the lines of an `authorized_keys` file. One with options (`command="…"`) was given for less than a
 * login, so it isn't taken over.
 */
export function plainKeys(lines: readonly string[]): ReadKeys {
  const found = new Map<string, string>()
  let leftOut = 0
  for (const line of lines.map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const key = keyIn(line)
    if (key === undefined) leftOut += 1
    else if (!found.has(key)) found.set(key, withComment(key, line))
  }
  return {lines: [...found.values()], leftOut}
}

/** The type and the key itself, without a comment; undefined for anything else. */
export function keyIn(line: string): string | undefined {
  const key = line
    .trim()
    .split(/[ \t]+/)
    .slice(0, 2)
    .join(' ')
  return sshKeyPattern.test(key) ? key : undefined
}

export interface KeysText {
  text: string
  /** How many of the wanted ones weren't there. */
  added: number
}

/** What is there stays as it is, whatever it is; what is wanted besides comes after it. */
export function withKeys(present: readonly string[], wanted: readonly string[]): KeysText {
  const known = new Set(present.map((line) => bareKey(line)))
  const added = plainKeys(wanted).lines.filter((line) => !known.has(keyIn(line)))
  const lines = present.length === 0 ? [header] : present
  return {text: [...lines, ...added, ''].join('\n'), added: added.length}
}

/** Also of a line with options before the key. */
function bareKey(line: string): string | undefined {
  const plain = keyIn(line)
  if (plain !== undefined || line.trim().startsWith('#')) return plain
  const [, key] =
    /(?:^|[ \t])((?:ssh|ecdsa|sk)-[a-z0-9@.-]+[ \t]+[A-Za-z0-9+/]{16,}={0,3})(?:[ \t]|$)/.exec(line) ?? []
  return key?.replace(/[ \t]+/, ' ')
}

function withComment(key: string, line: string): string {
  const comment = line
    .trim()
    .split(/[ \t]+/)
    .slice(2)
    .join(' ')
  const shown = comment.replace(/[^\x20-\x7e]/g, '').slice(0, longestComment)
  return shown === '' ? key : `${key} ${shown}`
}
