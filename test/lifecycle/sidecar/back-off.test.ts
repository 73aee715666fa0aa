import {expect, test} from '@jest/globals'

import {BackOff} from '../../../src/lifecycle/sidecar/back-off.js'

test('pauses grow up to a limit that is higher while nothing answers, each with a part of chance', () => {
  const backOff = new BackOff(() => 1)
  expect([1, 2, 3].map(() => backOff.nextMillis('answers', 0))).toEqual([200, 400, 800])
  for (let step = 0; step < 50; step++) backOff.nextMillis('answers', 0)
  expect(backOff.nextMillis('answers', 0)).toBe(5_000)
  expect(backOff.nextMillis('away', 0)).toBe(15_000)
  expect(new BackOff(() => 0).nextMillis('away', 0)).toBe(50)
})

test('what went well for ten seconds ends the row', () => {
  const backOff = new BackOff(() => 1)
  for (let step = 0; step < 5; step++) backOff.nextMillis('answers', 9_999)
  expect(backOff.nextMillis('answers', 10_000)).toBe(200)
})

test('after a long silence everything is read at a moment of chance, after a short one at once', () => {
  const backOff = new BackOff(() => 0.5)
  expect(backOff.spreadMillis(1_000)).toBe(0)
  expect(backOff.spreadMillis(60_000)).toBe(6_000)
})
