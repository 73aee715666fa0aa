import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {checkStoreTransaction, checkStoreWrites, compareKeys, prefixEnd} from '../../src/domain/store-text.js'

const anyText = fc.string({unit: 'binary', maxLength: 6})

function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

test('keys are compared as their UTF-8 bytes are', () => {
  fc.assert(
    fc.property(anyText, anyText, (left, right) => {
      expect(Math.sign(compareKeys(left, right))).toBe(byBytes(left, right))
    }),
    {numRuns: 2_000},
  )
})

test('what begins with a prefix is exactly what lies between it and its end', () => {
  fc.assert(
    fc.property(anyText, anyText, fc.boolean(), (prefix, text, isBelow) => {
      const key = isBelow ? prefix + text : text
      const end = prefixEnd(prefix)
      const isBetween = compareKeys(key, prefix) >= 0 && (end === undefined || compareKeys(key, end) < 0)

      expect(isBetween).toBe(key.startsWith(prefix))
    }),
    {numRuns: 2_000},
  )
})

test.each([
  ['orders', 'ordert'],
  ['orders/', 'orders0'],
  ['\ud7ff', '\ue000'],
  ['a\u{10ffff}', 'b'],
  ['\u{10ffff}', undefined],
  ['', undefined],
])('the end of %j is %j', (prefix, end) => {
  expect(prefixEnd(prefix)).toBe(end)
})

test('writes that no store can keep are refused', () => {
  expect(() => checkStoreWrites([{put: 'a\0', value: ''}])).toThrow('holds a NUL')
  expect(() => checkStoreWrites([{put: 'a', value: '\ud800'}])).toThrow('half of a character')
  expect(() => checkStoreWrites([{delete: ''}])).toThrow('has no key')
  expect(() => checkStoreWrites([{delete: 'a'}, {put: 'a', value: ''}])).toThrow('twice')
  expect(() => checkStoreWrites([{put: 'a', value: '\u{1f600}'}, {delete: 'b'}])).not.toThrow()
})

test('a transaction with too many compares or writes is refused', () => {
  const writes = ['a', 'b', 'c'].map((key) => ({delete: key}))

  expect(() => checkStoreTransaction([], writes, 2)).toThrow('holds 3 compares or writes')
  expect(() => checkStoreTransaction(writes, [], 2)).toThrow('holds 3 compares or writes')
  expect(() => checkStoreTransaction([], [{delete: ''}], 2)).toThrow('has no key')
  expect(() => checkStoreTransaction(writes, writes, 3)).not.toThrow()
})
