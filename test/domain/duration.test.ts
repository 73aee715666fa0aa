import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {parseDuration} from '../../src/domain/duration.js'

test.each([
  ['250ms', 250],
  ['30s', 30_000],
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['1h30m', 5_400_000],
  ['1.5s', 1_500],
  ['0s', 0],
])('reads %s', (text, millis) => {
  expect(parseDuration(text)).toBe(millis)
})

test.each([
  '',
  '5',
  's',
  '-5m',
  '5 m',
  '5M',
  '5min',
  '1e3s',
  '5m\n',
  '٥m',
  '999999999999d',
  '1..5s',
  'NaNs',
  '5mm',
])('refuses %j', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})

test('never gives anything but whole milliseconds', () => {
  fc.assert(
    fc.property(fc.string({unit: fc.constantFrom(...Array.from('0123456789.msdh -'))}), (text) => {
      const millis = parseDuration(text)
      return millis === undefined || (Number.isSafeInteger(millis) && millis >= 0)
    }),
  )
})
