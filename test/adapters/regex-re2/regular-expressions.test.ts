import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {Re2RegularExpressions} from '../../../src/adapters/regex-re2/index.js'
import {PatternFault} from '../../../src/contracts/regular-expressions.js'

const expressions = new Re2RegularExpressions()

test.each([
  ['b(.)', 'abc abd', ['bc', 'c']],
  ['(x)?b', 'abc', ['b', undefined]],
  ['(?i)BC', 'abc', ['bc']],
  ['(?P<n>b)', 'abc', ['b', 'b']],
  ['^\\d{2}$', '12', ['12']],
  ['z', 'abc', undefined],
  ['é😀', 'xé😀', ['é😀']],
])('%s finds in %s', (pattern, text, found) => {
  expect(expressions.compile(pattern).find(text)).toEqual(found)
})

describe('replaceAll', () => {
  test.each([
    ['b', 'x', 'abcb', 'axcx'],
    ['(b)(c)', '$2$1', 'abc', 'acb'],
    ['(b)', '${1}x', 'abc', 'abxc'],
    ['(b)', '$1x', 'abc', 'ac'],
    ['(?P<n>b)', '<${n}>', 'abc', 'a<b>c'],
    ['b', '$$', 'abc', 'a$c'],
    ['b', '$&$0', 'abc', 'a$&bc'],
    ['', '-', 'ab', '-a-b-'],
  ])('of %s by %s in %s', (pattern, replacement, text, result) => {
    expect(expressions.compile(pattern).replaceAll(text, replacement)).toBe(result)
  })
})

test.each(['(', '[', 'a{2', '*', '(?<=a)b', '\\1', '(?P<n'])(
  '%s is no pattern or means itself, and never anything else',
  (pattern) => {
    let isPattern = true
    try {
      expressions.compile(pattern)
    } catch (error) {
      isPattern = false
      expect(error).toBeInstanceOf(PatternFault)
    }

    expect(isPattern).toBe(pattern === 'a{2')
  },
)

test('any text is a pattern or a fault', () => {
  fc.assert(
    fc.property(
      fc.string({unit: fc.constantFrom(...Array.from('ab()[]{}*+?|\\^$.,-1:<P>'))}),
      fc.string(),
      (pattern, text) => {
        try {
          expressions.compile(pattern).find(text)
        } catch (error) {
          expect(error).toBeInstanceOf(PatternFault)
        }
      },
    ),
  )
})

test('a pattern that would explode elsewhere is over in time', () => {
  expect(expressions.compile('^(a+)+$').find(`${'a'.repeat(50_000)}!`)).toBeUndefined()
})
