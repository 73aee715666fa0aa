/** A section of an HAProxy file as HAProxy itself splits it: lines of words, quotes and escapes resolved. */
export interface ConfigSection {
  kind: string
  /** Undefined for `global` and `defaults`. */
  name: string | undefined
  directives: string[][]
}

const sectionKinds = [
  'global', 'defaults', 'frontend', 'backend', 'listen', 'peers', 'resolvers', 'userlist', 'mailers', 'program',
  'cache', 'ring', 'http-errors', 'fcgi-app', 'log-forward', 'crt-store', 'traces', 'acme', 'log-profile',
] // prettier-ignore

/** Undefined when the text holds what yard never renders (double quotes, an open quote, words before a section). */
export function parseConfig(text: string): ConfigSection[] | undefined {
  const sections: ConfigSection[] = []
  for (const line of text.split('\n')) {
    const words = splitWords(line)
    if (words === undefined) return undefined
    const [kind, name, ...rest] = words
    if (kind === undefined) continue
    if (sectionKinds.includes(kind)) {
      if (rest.length > 0) return undefined
      sections.push({kind, name, directives: []})
    } else {
      const section = sections.at(-1)
      if (section === undefined) return undefined
      section.directives.push(words)
    }
  }
  return sections
}

/** The pairs of a map file; undefined when a line isn't exactly a key and a value. */
export function parseMap(text: string): [key: string, value: string][] | undefined {
  const pairs = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '))
  if (pairs.some((pair) => pair.length !== 2 || pair.includes('') || pair[0]?.startsWith('#')))
    return undefined
  return pairs as [string, string][]
}

function splitWords(line: string): string[] | undefined {
  if (!/['"\\#]/.test(line)) return line.split(/\s+/).filter((word) => word !== '')
  return splitQuotedWords(line)
}

function splitQuotedWords(line: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quoted = false
  for (let index = 0; index < line.length; index += 1) {
    const character = line.charAt(index)
    if (quoted) {
      if (character === "'") quoted = false
      else word = (word ?? '') + character
    } else if (character === "'") {
      quoted = true
      word ??= ''
    } else if (character === '"') return undefined
    else if (character === '#') break
    else if (character === '\\') {
      index += 1
      word = (word ?? '') + line.charAt(index)
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + character
  }
  if (quoted) return undefined
  if (word !== undefined) words.push(word)
  return words
}
