import {expect, test} from '@jest/globals'

import {nearestWord} from '../../src/domain/nearest.js'

test.each([
  ['stagin', ['local', 'staging'], 'staging'],
  ['WEB', ['web-1', 'web'], 'web'],
  ['api', ['app', 'web'], 'app'],
  ['xylophone', ['staging'], undefined],
  // One edit makes any letter of any other.
  ['A', ['N'], undefined],
])('%j among %j means %j', (typed, known, meant) => {
  expect(nearestWord(typed, known)).toBe(meant)
})
