/** Shorter values can't be hidden without hiding half of the output. */
export const shortestSecret = 4

const mark = '***'

/** Shorter lines of a secret, such as a brace, are not secret by themselves. */
const shortestLine = 8

/** What a secret is seen as in output that is read line by line: itself, and each of its lines when it has several. */
export function textsOfSecret(secret: string): string[] {
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim())
  return [secret, ...(lines.length > 1 ? lines.filter((line) => line.length >= shortestLine) : [])]
}

/** Finds secret values in text, however they are spelled there, and puts `***` in their place. */
export class Redactor {
  private readonly patterns: RegExp[] = []
  private readonly base64Patterns: RegExp[] = []
  private readonly known = new Set<string>()

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.add(secret)
  }

  /** A value shorter than `shortestSecret` is ignored. */
  add(secret: string): void {
    if (secret.length < shortestSecret || this.known.has(secret)) return
    this.known.add(secret)
    this.patterns.push(new RegExp(anySpelling(secret), 'g'))
    this.base64Patterns.push(new RegExp(base64Runs(secret).join('|'), 'g'))
  }

  redact(text: string): string {
    const plain = this.patterns.reduce((result, pattern) => result.replace(pattern, mark), text)
    return this.base64Patterns.reduce(withoutBase64, plain)
  }

  holdsSecret(text: string): boolean {
    return [...this.patterns, ...this.base64Patterns].some((pattern) => text.search(pattern) >= 0)
  }

  /** A copy of plain data with every text redacted. */
  redactAll<T>(value: T): T {
    return this.redactUnknown(value) as T
  }

  private redactUnknown(value: unknown): unknown {
    if (typeof value === 'string') return this.redact(value)
    if (Array.isArray(value)) return value.map((item) => this.redactUnknown(item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.redactUnknown(item)]))
  }
}

/**
 * Each character raw, percent- or form-encoded, escaped for JSON or for HTML, in any mix: tools differ in which
 * characters they encode, so the pattern takes them one by one.
 */
function anySpelling(secret: string): string {
  return Array.from(secret, characterSpellings).join('')
}

function characterSpellings(character: string): string {
  const bytes = Array.from(Buffer.from(character), (byte) => byte.toString(16).padStart(2, '0'))
  const units = Array.from({length: character.length}, (_, index) =>
    character.charCodeAt(index).toString(16).padStart(4, '0'),
  )
  const code = (character.codePointAt(0) ?? 0).toString(16)
  const spellings = [
    // A backslash may be doubled by each encoding it went through.
    character === '\\' ? '\\\\{1,8}' : escaped(character),
    bytes.map((byte) => `%${anyCase(byte)}`).join(''),
    // A doubled percent sign: encoded twice, as in an address inside an address.
    bytes.map((byte) => `%25${anyCase(byte)}`).join(''),
    units.map((unit) => `\\\\{1,8}u${anyCase(unit)}`).join(''),
    `&#0*${character.codePointAt(0) ?? 0};`,
    `&#[xX]0*${anyCase(code)};`,
    // UTF-8 shown as Latin-1, as headers are.
    ...(character > '\u007f' ? [escaped(Buffer.from(character).toString('latin1'))] : []),
    ...(special.get(character) ?? []),
  ]
  return `(?:${spellings.join('|')})`
}

const special = new Map<string, string[]>([
  [' ', ['\\+']],
  ['"', ['\\\\{1,8}"', '&quot;']],
  ["'", ['&apos;']],
  ['&', ['&amp;']],
  ['<', ['&lt;']],
  ['>', ['&gt;']],
  ['/', ['\\\\{1,8}/']],
  ['\n', ['\\\\{1,8}n', '\\r\\n', '%0[dD]%0[aA]']],
  ['\r', ['\\\\{1,8}r']],
  ['\t', ['\\\\{1,8}t']],
])

/**
 * Base64 of any text that holds the secret, such as `user:secret`: depending on what stands before it, one of three
 * runs of characters is sure to appear.
 */
function base64Runs(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const first = Math.ceil((before * 8) / 6)
    const last = Math.floor(((before + bytes.length) * 8) / 6)
    return Array.from(encoded.slice(first, last), base64Character).join('')
  })
}

/** Takes the whole base64 word around each run; written as a loop because a pattern for it would be slow on long words. */
function withoutBase64(text: string, run: RegExp): string {
  let result = ''
  let done = 0
  for (const {index, 0: found} of text.matchAll(run)) {
    if (index < done) continue
    let start = index
    let end = index + found.length
    while (start > done && /[A-Za-z0-9+/_%-]/.test(text[start - 1] ?? '')) start -= 1
    while (end < text.length && /[A-Za-z0-9+/_=%-]/.test(text[end] ?? '')) end += 1
    result += text.slice(done, start) + mark
    done = end
  }
  return result + text.slice(done)
}

function base64Character(character: string): string {
  if (character === '+') return '(?:\\+|-|%2[bB])'
  return character === '/' ? '(?:/|_|%2[fF]|\\\\{1,8}/)' : character
}

function anyCase(hex: string): string {
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
