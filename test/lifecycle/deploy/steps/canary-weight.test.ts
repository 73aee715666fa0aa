import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {canaryWeight} from '../../../../src/lifecycle/deploy/steps/canary-weight.js'
import {anInstance} from '../../../fakes/records.js'

const stored = (changes: Parameters<typeof anInstance>[0] = {}) => ({
  record: anInstance(changes),
  createRevision: 1,
  modRevision: 1,
})
const many = (count: number, changes = {}) => Array.from({length: count}, () => stored(changes))

test.each([
  [10, 1, 1, {weight: 11, percent: 10}],
  [10, 1, 3, {weight: 33, percent: 10}],
  [50, 1, 2, {weight: 200, percent: 50}],
  [25, 2, 2, {weight: 33, percent: 25}],
  // Weights end at 256: one beside thirty has less than what was asked for.
  [20, 1, 30, {weight: 256, percent: 8}],
  [1, 1, 1, {weight: 1, percent: 1}],
])('%i %% for %i beside %i', (share, added, old, expected) => {
  expect(canaryWeight(share, many(added), many(old))).toEqual(expected)
})

test('counts only what serves, with the weights that operators gave', () => {
  const old = [stored({weight: 50}), stored({state: 'draining'}), stored({process: 'worker'})]

  expect(canaryWeight(50, [stored(), stored({process: 'worker'})], old)).toEqual({weight: 50, percent: 50})
})

test('there is no share where nobody serves, or nothing new does', () => {
  expect(canaryWeight(10, many(1), [])).toBeUndefined()
  expect(canaryWeight(10, many(1, {process: 'worker'}), many(1))).toBeUndefined()
})

test('is always a weight that HAProxy takes', () => {
  const counts = fc.integer({min: 1, max: 300})
  fc.assert(
    fc.property(fc.integer({min: 1, max: 99}), counts, counts, (share, added, old) => {
      const weight = canaryWeight(share, many(added), many(old))?.weight ?? 0
      expect(weight).toBeGreaterThanOrEqual(1)
      expect(weight).toBeLessThanOrEqual(256)
    }),
    {numRuns: 30},
  )
})
