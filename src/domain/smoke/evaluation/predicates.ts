import {type ComparingTest, type PlainTest, type Predicate} from '../syntax/tree.js'
import {compile, literalValue, patternText, type Scope} from './render.js'
import {compareNumbers, described, isEqual, isNumber, type Value} from './value.js'

export interface PredicateFailure {
  expected: string
  actual: string
}

/** Undefined when the value is as it must be. @throws EvaluationFault */
export function checkPredicate(
  predicate: Predicate,
  value: Value | undefined,
  scope: Scope,
): PredicateFailure | undefined {
  const {holds, expected} = testOutcome(predicate, value, scope)
  const failure = {expected: `${predicate.negated ? 'not ' : ''}${expected}`, actual: described(value)}
  // A test that makes no sense for the type holds neither way: `not contains` on a number is a mistake in the file.
  if (holds === 'wrong-type') return {...failure, expected: `${failure.expected} (of another type)`}
  return holds === predicate.negated ? failure : undefined
}

interface Outcome {
  holds: boolean | 'wrong-type'
  expected: string
}

function testOutcome(predicate: Predicate, value: Value | undefined, scope: Scope): Outcome {
  const {test} = predicate
  if (test.kind === 'matches') {
    const expected = `matches regex <${patternText(test.pattern, scope)}>`
    const expression = compile(test.pattern, scope)
    if (value === undefined) return {holds: false, expected}
    return {
      holds: value.kind === 'string' ? expression.find(value.value) !== undefined : 'wrong-type',
      expected,
    }
  }
  if (!('expected' in test)) return plainOutcome(test.kind, value)
  const wanted = literalValue(test.expected, scope)
  const expected = test.kind === '==' ? described(wanted) : `${words[test.kind]} ${described(wanted)}`
  return {holds: value === undefined ? false : compare(test.kind, value, wanted), expected}
}

const words: Record<ComparingTest, string> = {
  '==': '',
  '!=': 'other than',
  '>': 'greater than',
  '>=': 'at least',
  '<': 'less than',
  '<=': 'at most',
  startsWith: 'starts with',
  endsWith: 'ends with',
  contains: 'contains',
}

function compare(kind: ComparingTest, value: Value, wanted: Value): boolean | 'wrong-type' {
  switch (kind) {
    case '==':
      return isEqual(value, wanted)
    case '!=':
      return !isEqual(value, wanted)
    case 'contains':
      return contains(value, wanted)
    case 'startsWith':
    case 'endsWith':
      return hasEdge(kind, value, wanted)
    case '>':
    case '>=':
    case '<':
    case '<=':
      return isOrdered(kind, value, wanted)
  }
}

function contains(value: Value, wanted: Value): boolean | 'wrong-type' {
  if (value.kind === 'list') return value.items.some((item) => isEqual(item, wanted))
  if (value.kind === 'string' && wanted.kind === 'string') return value.value.includes(wanted.value)
  if (value.kind === 'bytes' && wanted.kind === 'bytes')
    return Buffer.from(value.value).includes(Buffer.from(wanted.value))
  return 'wrong-type'
}

function hasEdge(kind: 'startsWith' | 'endsWith', value: Value, wanted: Value): boolean | 'wrong-type' {
  if (value.kind === 'string' && wanted.kind === 'string') return value.value[kind](wanted.value)
  if (value.kind !== 'bytes' || wanted.kind !== 'bytes') return 'wrong-type'
  const {length} = wanted.value
  if (length > value.value.length) return false
  const edge =
    kind === 'startsWith'
      ? value.value.subarray(0, length)
      : value.value.subarray(value.value.length - length)
  return Buffer.compare(edge, wanted.value) === 0
}

function isOrdered(kind: '>' | '>=' | '<' | '<=', value: Value, wanted: Value): boolean | 'wrong-type' {
  const order = orderOf(value, wanted)
  if (order === undefined) return 'wrong-type'
  if (kind === '>') return order > 0
  if (kind === '>=') return order >= 0
  return kind === '<' ? order < 0 : order <= 0
}

function orderOf(value: Value, wanted: Value): number | undefined {
  if (isNumber(value) && isNumber(wanted)) return compareNumbers(value, wanted)
  if (value.kind === 'date' && wanted.kind === 'date') return value.value - wanted.value
  if (value.kind !== 'string' || wanted.kind !== 'string') return undefined
  return Buffer.compare(Buffer.from(value.value), Buffer.from(wanted.value))
}

function plainOutcome(kind: PlainTest, value: Value | undefined): Outcome {
  const {expected, holds} = plainTests[kind]
  return {holds: value === undefined ? false : holds(value), expected}
}

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/
const isoDate = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

const plainTests: Record<PlainTest, {expected: string; holds: (value: Value) => boolean | 'wrong-type'}> = {
  exists: {expected: 'something', holds: () => true},
  isBoolean: {expected: 'boolean', holds: (value) => value.kind === 'boolean'},
  isCollection: {expected: 'collection', holds: (value) => ['list', 'object', 'bytes'].includes(value.kind)},
  isDate: {expected: 'date', holds: (value) => value.kind === 'date'},
  isEmpty: {expected: 'empty', holds: isEmpty},
  isFloat: {expected: 'float', holds: (value) => value.kind === 'float'},
  isInteger: {expected: 'integer', holds: (value) => value.kind === 'integer'},
  isIpv4: {expected: 'IPv4 address', holds: (value) => onText(value, (it) => ipv4.test(it))},
  isIpv6: {expected: 'IPv6 address', holds: (value) => onText(value, isIpv6)},
  isIsoDate: {
    expected: 'string of format YYYY-MM-DDTHH:mm:ss.sssZ',
    holds: (value) => onText(value, isIsoDate),
  },
  isList: {expected: 'list', holds: (value) => value.kind === 'list'},
  isNumber: {expected: 'number', holds: isNumber},
  isObject: {expected: 'object', holds: (value) => value.kind === 'object'},
  isString: {expected: 'string', holds: (value) => value.kind === 'string'},
  isUuid: {expected: 'UUID', holds: (value) => onText(value, (it) => uuid.test(it))},
}

function isEmpty(value: Value): boolean | 'wrong-type' {
  if (value.kind === 'string' || value.kind === 'bytes') return value.value.length === 0
  if (value.kind === 'list') return value.items.length === 0
  return value.kind === 'object' ? value.members.length === 0 : 'wrong-type'
}

function isIsoDate(value: string): boolean {
  return isoDate.test(value) && !Number.isNaN(Date.parse(value))
}

function isIpv6(value: string): boolean {
  return /^[0-9a-f:.]+$/i.test(value) && value.includes(':') && URL.canParse(`http://[${value}]/`)
}

function onText(value: Value, holds: (value: string) => boolean): boolean | 'wrong-type' {
  return value.kind === 'string' ? holds(value.value) : 'wrong-type'
}
