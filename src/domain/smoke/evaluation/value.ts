/** What a query, a filter or a variable gives. "No value" is `undefined` beside it. */
export type Value =
  | {kind: 'null'}
  | {kind: 'boolean'; value: boolean}
  /** `exact` has the digits of a number that JavaScript can't hold, such as many 64-bit ids. */
  | {kind: 'integer'; value: number; exact?: string}
  | {kind: 'float'; value: number}
  | {kind: 'string'; value: string}
  | {kind: 'bytes'; value: Uint8Array}
  /** Milliseconds since 1970. */
  | {kind: 'date'; value: number}
  /** There, without saying more: the `Secure` of a cookie. */
  | {kind: 'flag'}
  | {kind: 'list'; items: Value[]}
  | {kind: 'object'; members: [name: string, value: Value][]}

export type JsonValue = null | boolean | number | string | JsonValue[] | {[name: string]: JsonValue}

export function text(value: string): Value {
  return {kind: 'string', value}
}

export function number(value: number): Value {
  return {kind: Number.isInteger(value) ? 'integer' : 'float', value}
}

/** A whole number from its digits, none of them lost. */
export function integer(digits: string): Value {
  const value = Number(digits)
  return Number.isSafeInteger(value) ? {kind: 'integer', value} : {kind: 'integer', value, exact: digits}
}

const largeIntegerMark = '\u0000integer '

/** JSON text in which whole numbers that JavaScript can't hold are texts that `fromJson` knows. */
export function guardLargeIntegers(json: string): string {
  if (!/\d{16}/.test(json)) return json
  let isInString = false
  return json.replace(/\\[^]|"|-?\d[\d.eE+-]*/g, (token) => {
    if (token === '"') isInString = !isInString
    const isLarge = !isInString && /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token))
    return isLarge ? JSON.stringify(largeIntegerMark + token) : token
  })
}

export function fromJson(value: JsonValue): Value {
  if (value === null) return {kind: 'null'}
  if (typeof value === 'boolean') return {kind: 'boolean', value}
  if (typeof value === 'number') return number(value)
  if (typeof value === 'string')
    return value.startsWith(largeIntegerMark) ? integer(value.slice(largeIntegerMark.length)) : text(value)
  if (Array.isArray(value)) return {kind: 'list', items: value.map(fromJson)}
  return {kind: 'object', members: Object.entries(value).map(([name, member]) => [name, fromJson(member)])}
}

/** The JSON a value came from; undefined for what JSON can't hold. */
export function toJson(value: Value): JsonValue | undefined {
  switch (value.kind) {
    case 'null':
      return null
    case 'list':
      return value.items.map((item) => toJson(item) ?? null)
    case 'object':
      return Object.fromEntries(value.members.map(([name, member]) => [name, toJson(member) ?? null]))
    case 'integer':
      return value.exact === undefined ? value.value : largeIntegerMark + value.exact
    case 'boolean':
    case 'float':
    case 'string':
      return value.value
    case 'bytes':
    case 'date':
    case 'flag':
      return undefined
  }
}

/** How a value is put into text; undefined for what has no plain spelling (lists, objects, bytes). */
export function rendered(value: Value): string | undefined {
  switch (value.kind) {
    case 'string':
      return value.value
    case 'integer':
      return value.exact ?? String(value.value)
    case 'boolean':
    case 'float':
      return String(value.value)
    case 'null':
      return 'null'
    case 'date':
      return new Date(value.value).toISOString().replace('Z', '000Z')
    case 'bytes':
    case 'flag':
    case 'list':
    case 'object':
      return undefined
  }
}

/** A value for people, with its type: `string <on>`. */
export function described(value: Value | undefined): string {
  if (value === undefined) return 'none'
  switch (value.kind) {
    case 'null':
      return 'null'
    case 'flag':
      return 'present'
    case 'bytes':
      return `bytes <${Buffer.from(value.value.subarray(0, 64)).toString('hex')}${value.value.length > 64 ? '…' : ''}>`
    case 'list':
    case 'object':
      return `${value.kind} <${shortened(JSON.stringify(toJson(value)).replace(/"\\u0000integer (-?\d+)"/g, '$1'))}>`
    case 'date':
      return `date <${rendered(value) ?? ''}>`
    case 'boolean':
    case 'integer':
    case 'float':
    case 'string':
      return `${value.kind} <${rendered(value) ?? ''}>`
  }
}

export type NumberValue = Extract<Value, {kind: 'integer' | 'float'}>

export function isNumber(value: Value): value is NumberValue {
  return value.kind === 'integer' || value.kind === 'float'
}

/** Negative, zero or positive, as for sorting; exact for whole numbers of any size. */
export function compareNumbers(left: NumberValue, right: NumberValue): number {
  if (left.kind === 'integer' && right.kind === 'integer' && (left.exact ?? right.exact) !== undefined) {
    const difference = BigInt(rendered(left) ?? 0) - BigInt(rendered(right) ?? 0)
    return difference === 0n ? 0 : difference < 0n ? -1 : 1
  }
  return left.value - right.value
}

/** Equal in type and content; 1 and 1.0 are equal. */
export function isEqual(left: Value, right: Value): boolean {
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right) === 0
  if (left.kind !== right.kind) return false
  switch (left.kind) {
    case 'null':
    case 'flag':
      return true
    case 'bytes':
      return right.kind === 'bytes' && Buffer.compare(left.value, right.value) === 0
    case 'list':
      return right.kind === 'list' && hasEqualItems(left.items, right.items)
    case 'object':
      return right.kind === 'object' && hasEqualMembers(left.members, right.members)
    case 'boolean':
    case 'integer':
    case 'float':
    case 'string':
    case 'date':
      return 'value' in right && left.value === right.value
  }
}

function hasEqualItems(left: Value[], right: Value[]): boolean {
  return (
    left.length === right.length && left.every((item, index) => isEqual(item, right[index] ?? {kind: 'flag'}))
  )
}

function hasEqualMembers(left: [string, Value][], right: [string, Value][]): boolean {
  const others = new Map(right)
  return (
    left.length === right.length &&
    left.every(([name, value]) => isEqual(value, others.get(name) ?? {kind: 'flag'}))
  )
}

function shortened(json: string): string {
  return json.length > 500 ? `${json.slice(0, 500)}…` : json
}
