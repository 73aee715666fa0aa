import {type Filter, type PlainFilter, type TemplateFilter} from '../syntax/tree.js'
import {decodeText, parseJson} from './answer.js'
import {formatDate, parseDate} from './dates.js'
import {EvaluationFault} from './evaluation-fault.js'
import {escapeHtml, unescapeHtml} from './html.js'
import {selectJson} from './queries.js'
import {compile, render, type Scope} from './render.js'
import {described, integer, number, rendered, text, toJson, type Value} from './value.js'

/** Sends a value through the filters in order. @throws EvaluationFault when one can't take what it's given. */
export function applyFilters(filters: Filter[], value: Value | undefined, scope: Scope): Value | undefined {
  let current = value
  for (const filter of filters) {
    if (current === undefined)
      throw new EvaluationFault(filter.position, `a value for the filter ${filter.kind}`, 'none')
    current = applyFilter(filter, current, scope)
  }
  return current
}

function applyFilter(filter: Filter, value: Value, scope: Scope): Value | undefined {
  switch (filter.kind) {
    case 'nth':
      return itemAt(filter, listOf(filter, value), filter.index)
    case 'regex': {
      const found = compile(filter.pattern, scope).find(textOf(filter, value))?.[1]
      return found === undefined ? undefined : text(found)
    }
    case 'replace':
      return text(
        textOf(filter, value).replaceAll(render(filter.from, scope), () => render(filter.to, scope)),
      )
    case 'replaceRegex':
      return text(compile(filter.pattern, scope).replaceAll(textOf(filter, value), render(filter.to, scope)))
    default:
      return 'argument' in filter
        ? withArgument[filter.kind](filter, value, scope)
        : withoutArgument[filter.kind](filter, value, scope)
  }
}

type PlainStep = Filter & {kind: PlainFilter}
type ArgumentStep = Filter & {kind: TemplateFilter}

const withoutArgument: Record<
  PlainFilter,
  (step: PlainStep, value: Value, scope: Scope) => Value | undefined
> = {
  base64Decode: (step, value) => bytes(fromBase64(step, textOf(step, value), /^[A-Za-z0-9+/\s]*={0,2}\s*$/)),
  base64Encode: (step, value) => text(bytesOf(step, value).toString('base64')),
  base64UrlSafeDecode: (step, value) =>
    bytes(fromBase64(step, textOf(step, value), /^[A-Za-z0-9_-]*={0,2}$/)),
  base64UrlSafeEncode: (step, value) => text(bytesOf(step, value).toString('base64url')),
  count: (step, value) => number(value.kind === 'bytes' ? value.value.length : listOf(step, value).length),
  daysAfterNow: (step, value, scope) => number(Math.trunc(daysUntil(step, value, scope))),
  daysBeforeNow: (step, value, scope) => number(Math.trunc(-daysUntil(step, value, scope))),
  first: (step, value) => listOf(step, value)[0],
  htmlEscape: (step, value) => text(escapeHtml(textOf(step, value))),
  htmlUnescape: (step, value) => text(unescapeHtml(textOf(step, value))),
  last: (step, value) => listOf(step, value).at(-1),
  toFloat: (step, value) => ({
    kind: 'float',
    value: numberOf(step, value, /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/),
  }),
  toHex: (step, value) => text(bytesOf(step, value).toString('hex')),
  toInt: (step, value) => {
    const digits = rendered(value)?.trim() ?? ''
    return /^[+-]?\d+$/.test(digits)
      ? integer(digits.replace('+', ''))
      : number(Math.trunc(numberOf(step, value, /^[+-]?\d+$/)))
  },
  toString: (step, value) =>
    text(value.kind === 'bytes' ? decodeText(value.value, 'utf-8', step.position) : plainText(step, value)),
  urlDecode: (step, value) => text(percentDecoded(step, textOf(step, value))),
  urlEncode: (step, value) => text(percentEncoded(textOf(step, value))),
  utf8Decode: (step, value) => text(decodeText(bytesOf(step, value), 'utf-8', step.position)),
  utf8Encode: (step, value) => bytes(Buffer.from(textOf(step, value))),
}

const withArgument: Record<
  TemplateFilter,
  (step: ArgumentStep, value: Value, scope: Scope) => Value | undefined
> = {
  charsetDecode: decoded,
  decode: decoded,
  dateFormat: formatted,
  format: formatted,
  jsonpath: (step, value, scope) => {
    const document = value.kind === 'string' ? parseJson(value.value, step.position) : toJson(value)
    if (document === undefined) throw wrongInput(step, 'string', value)
    return selectJson(step.argument, document, scope)
  },
  split: (step, value, scope) => ({
    kind: 'list',
    items: textOf(step, value).split(render(step.argument, scope)).map(text),
  }),
  toDate: (step, value, scope) => ({
    kind: 'date',
    value: parseDate(textOf(step, value), render(step.argument, scope), step.position),
  }),
  urlQueryParam: (step, value, scope) => {
    const address = textOf(step, value)
    if (!URL.canParse(address)) throw wrongInput(step, 'URL', value)
    const found = new URL(address).searchParams.get(render(step.argument, scope))
    return found === null ? undefined : text(found)
  },
}

function decoded(step: ArgumentStep, value: Value, scope: Scope): Value {
  return text(decodeText(bytesOf(step, value), render(step.argument, scope), step.position))
}

function formatted(step: ArgumentStep, value: Value, scope: Scope): Value {
  return text(formatDate(dateOf(step, value), render(step.argument, scope), step.position))
}

function itemAt(step: Filter, items: Value[], index: number): Value {
  const found = items.at(index)
  if (found === undefined)
    throw new EvaluationFault(step.position, `an item at ${index}`, `a list of ${items.length}`)
  return found
}

function listOf(step: Filter, value: Value): Value[] {
  if (value.kind === 'list') return value.items
  throw wrongInput(step, step.kind === 'count' ? 'list or bytes' : 'list', value)
}

function textOf(step: Filter, value: Value): string {
  if (value.kind === 'string') return value.value
  throw wrongInput(step, 'string', value)
}

function bytesOf(step: Filter, value: Value): Buffer {
  if (value.kind === 'bytes') return Buffer.from(value.value)
  throw wrongInput(step, 'bytes', value)
}

function dateOf(step: Filter, value: Value): number {
  if (value.kind === 'date') return value.value
  throw wrongInput(step, 'date', value)
}

function numberOf(step: Filter, value: Value, spelling: RegExp): number {
  if (value.kind === 'integer' || value.kind === 'float') return value.value
  if (value.kind === 'string' && spelling.test(value.value.trim())) return Number(value.value)
  throw wrongInput(step, 'number or the text of one', value)
}

function plainText(step: Filter, value: Value): string {
  const plain = rendered(value)
  if (plain === undefined) throw wrongInput(step, 'plain value', value)
  return plain
}

function daysUntil(step: Filter, value: Value, scope: Scope): number {
  return (dateOf(step, value) - scope.tools.now().getTime()) / 86_400_000
}

function fromBase64(step: Filter, encoded: string, spelling: RegExp): Buffer {
  if (!spelling.test(encoded)) throw wrongInput(step, 'base64 text', text(encoded))
  return Buffer.from(encoded, 'base64')
}

function percentDecoded(step: Filter, encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    throw wrongInput(step, 'percent-encoded text', text(encoded))
  }
}

function percentEncoded(plain: string): string {
  return encodeURIComponent(plain)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/')
}

function bytes(value: Uint8Array): Value {
  return {kind: 'bytes', value}
}

function wrongInput(step: Filter, wanted: string, value: Value): EvaluationFault {
  return new EvaluationFault(step.position, `${wanted} for the filter ${step.kind}`, described(value))
}
