import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {batchesOf, type Strategy} from '../../src/domain/strategy.js'

const strategies: fc.Arbitrary<Strategy> = fc.oneof(
  fc.record({kind: fc.constant('blue-green' as const)}),
  fc.record({
    kind: fc.constant('rolling' as const),
    batch: fc.oneof(
      fc.record({hosts: fc.integer({min: 1, max: 1_000})}),
      fc.record({percent: fc.integer({min: 1, max: 100})}),
    ),
  }),
  fc.record({
    kind: fc.constant('canary' as const),
    weight: fc.integer({min: 1, max: 99}),
    bakeMillis: fc.constant(1_000),
    batch: fc.record({percent: fc.integer({min: 1, max: 100})}),
  }),
)

test('every host is in exactly one batch, in their order, and no batch is empty', () => {
  fc.assert(
    fc.property(fc.integer({min: 0, max: 120}), strategies, (count, strategy) => {
      const hosts = Array.from({length: count}, (_, index) => index)
      const batches = batchesOf(hosts, strategy)
      expect(batches.flat()).toEqual(hosts)
      expect(batches.every((batch) => batch.length > 0)).toBe(true)
      if (strategy.kind === 'canary' && count > 0) expect(batches[0]).toHaveLength(1)
    }),
  )
})

test.each([
  [{hosts: 3}, 10, [3, 3, 3, 1]],
  [{percent: 25}, 10, [2, 2, 2, 2, 2]],
  [{percent: 1}, 3, [1, 1, 1]],
  [{percent: 100}, 7, [7]],
])('batches of %j of %i hosts', (batch, count, sizes) => {
  const hosts = Array.from({length: count}, (_, index) => index)

  expect(batchesOf(hosts, {kind: 'rolling', batch}).map((one) => one.length)).toEqual(sizes)
})
