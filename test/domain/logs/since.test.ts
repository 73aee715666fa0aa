import {expect, test} from '@jest/globals'

import {parseSince} from '../../../src/domain/logs/since.js'

const now = new Date('2026-11-20T12:00:00.000Z')

test('counts back from now, or takes a time', () => {
  expect(parseSince('5m', now)).toBe(now.getTime() - 300_000)
  expect(parseSince('2026-11-20T11:00:00Z', now)).toBe(now.getTime() - 3_600_000)
  expect(parseSince('2026-11-20T12:00:00+01:00', now)).toBe(now.getTime() - 3_600_000)
  expect(parseSince('2026-11-20', now)).toBe(Date.UTC(2026, 10, 20))
})

test.each(['', 'yesterday', '2026', '2026-13-40', '2026-11-20T25:00:00Z', '--output=x', '5m '])(
  'refuses %j',
  (value) => {
    expect(parseSince(value, now)).toBeUndefined()
  },
)
