import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {formatLogLine, parseLogLine} from '../../../src/domain/logs/line-format.js'

test('reads like a log', () => {
  const line = {at: Date.UTC(2026, 10, 20, 19, 15, 0, 123), stream: 'stdout', text: 'ready'} as const
  expect(formatLogLine(line)).toBe('2026-11-20T19:15:00.123Z stdout ready')
})

test('every line without a line feed comes back as it was', () => {
  const line = fc.record({
    at: fc.integer({min: 0, max: 4_102_444_800_000}),
    stream: fc.constantFrom('stdout' as const, 'stderr' as const, 'yard' as const),
    text: fc.string({unit: 'binary'}).filter((text) => !text.includes('\n')),
  })
  fc.assert(fc.property(line, (each) => expect(parseLogLine(formatLogLine(each))).toEqual(each)))
})

test.each([
  '',
  'half of a li',
  '2026-11-20T19:15:00.123Z',
  '2026-11-20T19:15:00.123Z stdin x',
  '2026-99-20T19:15:00.123Z stdout x',
])('is not fooled by %j', (text) => {
  expect(parseLogLine(text)).toBeUndefined()
})
