import {expected} from '../syntax-fault.js'
import {literal, pattern} from './literals.js'
import {type Scanner} from './scanner.js'
import {type ComparingTest, type Literal, plainTests, type Predicate, type PredicateTest} from './tree.js'

const operators = ['==', '!=', '>=', '>', '<=', '<'] as const
const comparingWords = ['startsWith', 'endsWith', 'contains'] as const
const removed: Record<string, string> = {
  equals: '==',
  notEquals: '!=',
  greaterThan: '>',
  greaterThanOrEquals: '>=',
  lessThan: '<',
  lessThanOrEquals: '<=',
  includes: 'contains',
  countEquals: 'count ==',
}

/** What a value must be like. */
export function predicate(scanner: Scanner): Predicate {
  const position = scanner.position
  const negated = scanner.lookahead(/not[ \t]/) !== undefined
  if (negated) {
    scanner.require('not')
    scanner.skipSpaces()
  }
  return {position, negated, test: test(scanner)}
}

function test(scanner: Scanner): PredicateTest {
  const position = scanner.position
  const operator = operators.find((candidate) => scanner.take(candidate))
  if (operator !== undefined) {
    scanner.skipSpaces()
    return comparing(operator, literal(scanner))
  }
  const word = scanner.takePattern(/[A-Za-z][A-Za-z0-9]*/) ?? ''
  const plain = plainTests.find((name) => name === word)
  if (plain !== undefined) return {kind: plain}
  const comparison = comparingWords.find((name) => name === word)
  if (comparison !== undefined) {
    scanner.requireSpace()
    return comparing(comparison, literal(scanner))
  }
  if (word === 'matches') {
    scanner.requireSpace()
    return {kind: word, pattern: pattern(scanner)}
  }
  const replacement = Object.hasOwn(removed, word) ? removed[word] : undefined
  if (replacement !== undefined)
    throw expected(position, `${replacement} (${word} was removed from Hurl in 6.1)`, JSON.stringify(word))
  throw expected(
    position,
    'a filter or a predicate such as ==, contains, matches or exists',
    word === '' ? scanner.describeNext() : JSON.stringify(word),
  )
}

function comparing(kind: ComparingTest, value: Literal): PredicateTest {
  const accepted = acceptedKinds(kind)
  if (accepted !== undefined && !accepted.includes(value.kind))
    throw expected(value.position, `${kind} with ${accepted.slice(0, -1).join(' or ')}`, value.kind)
  return {kind, expected: value}
}

function acceptedKinds(kind: ComparingTest): Literal['kind'][] | undefined {
  if (['>', '>=', '<', '<='].includes(kind)) return ['number', 'text', 'placeholder']
  if (['startsWith', 'endsWith'].includes(kind)) return ['text', 'bytes', 'placeholder']
  return undefined
}
