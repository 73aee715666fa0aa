import {type LineContent} from './structured-line.js'

/** Fields that say nothing a reader of this line does not know already. */
const hiddenFields = new Set(['pid', 'hostname', 'v', 'name', 'service', 'release', 'instance'])

/** Nested objects are written as `req.method`, down to this depth; deeper ones as JSON. */
const deepest = 3
const longestValue = 200

export interface PeopleLine {
  /** The message and the fields as `key=value`. */
  text: string
  /** Lines of a stack trace, to be shown below. */
  stack: string[]
}

/** A log line as a person reads it. Escapes are still in it: the terminal neutralises them. */
export function peopleLine(content: LineContent): PeopleLine {
  if (content.fields === undefined) return {text: content.message, stack: []}
  const stack = stackOf(content.fields)
  const words = content.message === '' ? [] : [content.message]
  for (const [key, value] of Object.entries(content.fields)) {
    if (!hiddenFields.has(key)) words.push(...pairs(key, value, 1))
  }
  return {text: words.join(' '), stack}
}

function stackOf(fields: Record<string, unknown>): string[] {
  for (const holder of [fields['err'], fields['error'], fields]) {
    if (typeof holder !== 'object' || holder === null) continue
    const stack = (holder as Record<string, unknown>)['stack']
    if (typeof stack === 'string') return stack.split('\n').slice(1, 30)
  }
  return []
}

function pairs(key: string, value: unknown, depth: number): string[] {
  if (key === 'stack' || key.endsWith('.stack')) return []
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth >= deepest) {
    return [`${word(key)}=${shortened(typeof value === 'string' ? word(value) : JSON.stringify(value))}`]
  }
  return Object.entries(value).flatMap(([name, inner]) => pairs(`${key}.${name}`, inner, depth + 1))
}

/** Quoted when it would not stay one word. */
function word(text: string): string {
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text)
}

function shortened(text: string): string {
  return text.length <= longestValue ? text : `${text.slice(0, longestValue - 1)}…`
}
