import {type SmokePosition} from '../position.js'
import {EvaluationFault} from './evaluation-fault.js'

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

interface DateFields {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  millis: number
  offsetMinutes: number
}

interface Specifier {
  pattern: string
  set?(fields: DateFields, found: string): void
  show(date: Date): string
}

/**
 * Milliseconds since 1970 of a text in a strftime format; UTC when the format has no zone.
 * @throws EvaluationFault
 */
export function parseDate(text: string, format: string, position: SmokePosition): number {
  if (format === '%+') return parseIsoDate(text, position)
  const parts = formatParts(format, position)
  const pattern = parts
    .map((part) => (typeof part === 'string' ? literalPattern(part) : `(${part.pattern})`))
    .join('')
  const found = new RegExp(`^${pattern}$`, 'i').exec(text)
  if (found === null)
    throw new EvaluationFault(position, `a date in the format <${format}>`, `<${text.slice(0, 60)}>`)
  const fields: DateFields = {
    year: 1970,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    millis: 0,
    offsetMinutes: 0,
  }
  parts
    .filter((part) => typeof part !== 'string')
    .forEach((part, index) => part.set?.(fields, found[index + 1] ?? ''))
  const {year, month, day, hour, minute, second, millis, offsetMinutes} = fields
  return Date.UTC(year, month - 1, day, hour, minute - offsetMinutes, second, millis)
}

/** @throws EvaluationFault when the format has a specifier that yard doesn't know. */
export function formatDate(millis: number, format: string, position: SmokePosition): string {
  const date = new Date(millis)
  if (format === '%+') return date.toISOString().replace('Z', '+00:00')
  return formatParts(format, position)
    .map((part) => (typeof part === 'string' ? part : part.show(date)))
    .join('')
}

function parseIsoDate(text: string, position: SmokePosition): number {
  const millis = /^\d{4}-\d{2}-\d{2}T/i.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(millis)) throw new EvaluationFault(position, 'an ISO 8601 date', `<${text.slice(0, 60)}>`)
  return millis
}

function formatParts(format: string, position: SmokePosition): (string | Specifier)[] {
  const expanded = format.replaceAll('%T', '%H:%M:%S').replaceAll('%F', '%Y-%m-%d').replaceAll('%R', '%H:%M')
  return (expanded.match(/%\.?[A-Za-z%]|[^%]+|%/g) ?? []).map((part) => {
    if (!part.startsWith('%')) return part
    if (part === '%%') return '%'
    const known = specifiers.get(part.slice(1))
    if (known !== undefined) return known
    throw new EvaluationFault(position, 'a date format that yard knows', `<${part}>`)
  })
}

function literalPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}

function digits(field: keyof DateFields, width: number, show: (date: Date) => number): Specifier {
  return {
    pattern: `\\d{${width}}`,
    set: (fields, found) => {
      fields[field] = Number(found)
    },
    show: (date) => String(show(date)).padStart(width, '0'),
  }
}

function monthName(length?: number): Specifier {
  const names = months.map((name) => name.slice(0, length))
  return {
    pattern: names.join('|'),
    set: (fields, found) => {
      fields.month = names.findIndex((name) => name.toLowerCase() === found.toLowerCase()) + 1
    },
    show: (date) => names[date.getUTCMonth()] ?? '',
  }
}

function dayName(length?: number): Specifier {
  const names = days.map((name) => name.slice(0, length))
  return {pattern: names.join('|'), show: (date) => names[date.getUTCDay()] ?? ''}
}

function fraction(prefix: string): Specifier {
  return {
    pattern: `${prefix === '' ? '' : '\\.'}\\d{1,9}`,
    set: (fields, found) => {
      fields.millis = Math.trunc(Number(`0.${found.replace('.', '')}`) * 1_000)
    },
    show: (date) => `${prefix}${String(date.getUTCMilliseconds()).padStart(3, '0')}`,
  }
}

const zone: Specifier = {
  pattern: 'Z|[+-]\\d{2}:?\\d{2}',
  set: (fields, found) => {
    const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(found) ?? []
    const size = Number(hours ?? 0) * 60 + Number(minutes ?? 0)
    fields.offsetMinutes = sign === '-' ? -size : size
  },
  show: () => '+0000',
}

const specifiers = new Map<string, Specifier>([
  ['Y', digits('year', 4, (date) => date.getUTCFullYear())],
  ['m', digits('month', 2, (date) => date.getUTCMonth() + 1)],
  ['d', digits('day', 2, (date) => date.getUTCDate())],
  ['H', digits('hour', 2, (date) => date.getUTCHours())],
  ['M', digits('minute', 2, (date) => date.getUTCMinutes())],
  ['S', digits('second', 2, (date) => date.getUTCSeconds())],
  ['B', monthName()],
  ['b', monthName(3)],
  ['A', dayName()],
  ['a', dayName(3)],
  ['f', fraction('')],
  ['.f', fraction('.')],
  ['z', zone],
  ['Z', {pattern: 'UTC|GMT|Z', show: () => 'UTC'}],
])
