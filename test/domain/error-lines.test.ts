import {expect, test} from '@jest/globals'

import {errorIn, newErrors} from '../../src/domain/error-lines.js'

const from = (source: string) => (line: string) => ({source, line})

test.each([
  ['{"level":50,"msg":"no column 7"}', '{"level":50,"msg":"no column 12","pid":3}'],
  ['ERROR: user "ada" not found', "ERROR: user 'bob' not found"],
  ['Error: request 4f1c9a77b2 timed out', 'Error: request 00aa11bb22cc timed out'],
  ['ValueError: 3 is too small', 'ValueError: 4 is too small'],
])('%s is the same error as %s', (one, other) => {
  expect(errorIn(one)).toBeDefined()
  expect(errorIn(one)).toBe(errorIn(other))
})

test.each([
  ['{"level":30,"msg":"an error page was asked for"}'],
  ['GET /error 200'],
  ['INFO: 0 errors'],
  ['{"level":40,"msg":"slow"}'],
  [''],
])('%j tells of no error', (line) => {
  expect(errorIn(line)).toBeUndefined()
})

test('errors that only the new release has are told once each, with their count and who wrote them first', () => {
  const old = ['ERROR: gone 1', 'fine'].map(from('a'))
  const added = [
    from('b')('ERROR: gone 2'),
    from('b')('Traceback (most recent call last)'),
    from('c')('Traceback (most recent call last)'),
    from('c')('panic: nil 5'),
  ]

  expect(newErrors(added, old)).toEqual([
    {source: 'b', line: 'Traceback (most recent call last)', count: 2},
    {source: 'c', line: 'panic: nil 5', count: 1},
  ])
})

test('hostile lines are read in no time', () => {
  const started = Date.now()
  for (const line of [
    '"'.repeat(60_000),
    'a'.repeat(60_000),
    `ERROR: ${"'x".repeat(30_000)}`,
    '-'.repeat(60_000),
  ])
    errorIn(line)

  expect(Date.now() - started).toBeLessThan(2_000)
})
