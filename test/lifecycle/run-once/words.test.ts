import {expect, test} from '@jest/globals'

import {splitAtDashes, timeoutOf} from '../../../src/lifecycle/run-once/words.js'

test('what follows the first dashes is the program, whatever it looks like', () => {
  expect(splitAtDashes(['hello', '--env', 'staging', '--', 'node', '--', '--json'])).toEqual({
    own: ['hello', '--env', 'staging'],
    words: ['node', '--', '--json'],
  })
  expect(splitAtDashes(['--'])).toEqual({own: [], words: []})
})

test('without dashes nobody can tell whose flags are meant', () => {
  expect(() => splitAtDashes(['hello', 'node', '--version'])).toThrow(
    expect.objectContaining({code: 'E_USAGE', next: expect.arrayContaining(['yard run -- node --version'])}),
  )
})

test('a time is read', () => {
  expect(timeoutOf('1h30m')).toBe(5_400_000)
})

test.each(['', '0s', 'soon', '-1s', '30d', '10'])('%j is not a time', (text) => {
  expect(() => timeoutOf(text)).toThrow(expect.objectContaining({code: 'E_USAGE'}))
})
