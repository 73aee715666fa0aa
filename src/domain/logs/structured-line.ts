import {type Level, levelNamed, levelNumbered, levelOfText} from './level.js'

/** What a log line says, whether it was written as JSON or as plain text. */
export interface LineContent {
  level?: Level
  message: string
  /** What a JSON line holds besides its level, time and message; undefined for plain text. */
  fields?: Record<string, unknown>
}

const levelKeys = ['level', 'severity', 'lvl', 'log.level']
const messageKeys = ['msg', 'message']
const timeKeys = ['time', 'timestamp', 'ts', '@timestamp']

/** Reads a line of a JSON logger such as pino, else detects the level of the text. Never throws. */
export function contentOf(text: string): LineContent {
  const record = jsonObject(text)
  if (record === undefined) return plain(text)
  const message = firstKey(record, messageKeys, (value) => typeof value === 'string')
  const levelKey = firstKey(record, levelKeys, (value) => levelOf(value) !== undefined)
  if (message === undefined && levelKey === undefined) return {message: '', fields: record}
  const timeKey = firstKey(record, timeKeys, (value) => isTime(value))
  const fields: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(record)) {
    if (key !== message && key !== levelKey && key !== timeKey) setOwn(fields, key, value)
  }
  const level = levelKey === undefined ? undefined : levelOf(record[levelKey])
  const content = {message: message === undefined ? '' : (record[message] as string), fields}
  return level === undefined ? content : {level, ...content}
}

function plain(text: string): LineContent {
  const level = levelOfText(text)
  return level === undefined ? {message: text} : {level, message: text}
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}

function firstKey(
  record: Record<string, unknown>,
  keys: readonly string[],
  accepts: (value: unknown) => boolean,
): string | undefined {
  return keys.find((key) => Object.hasOwn(record, key) && accepts(record[key]))
}

function levelOf(value: unknown): Level | undefined {
  if (typeof value === 'number') return levelNumbered(value)
  return typeof value === 'string' ? levelNamed(value) : undefined
}

/** Only what can be a time: a field called `time` may also be a duration. */
function isTime(value: unknown): boolean {
  if (typeof value === 'number') return value > 1_000_000_000
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value)
}

/** A key from outside may be `__proto__`. */
function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, {value, enumerable: true, writable: true, configurable: true})
}
