import {expect, test} from '@jest/globals'

import {placeOf, plannedSteps} from '../../src/domain/planned-steps.js'
import {defaultStrategy, type Strategy} from '../../src/domain/strategy.js'

const canary: Strategy = {kind: 'canary', weight: 10, bakeMillis: 1_000, batch: {hosts: 1}}
const textOf = (steps: ReturnType<typeof plannedSteps>) =>
  steps.map(({batch, step}) => `${step}${batch ?? ''}`).join(' ')

test('a deploy to this machine has neither a look at hosts nor batches', () => {
  expect(textOf(plannedSteps({kind: 'local', strategy: defaultStrategy, batches: 1}))).toBe(
    'recover build release unpack prepare start health move smoke drain prune',
  )
})

test('each batch has its own steps; only the first of a canary is watched', () => {
  expect(textOf(plannedSteps({kind: 'hosts', strategy: canary, batches: 2}))).toBe(
    'recover build release check unpack prepare start1 health1 verify1 move1 bake1 start2 health2 move2 smoke drain prune',
  )
})

test('blue-green is tested before the traffic moves', () => {
  expect(textOf(plannedSteps({kind: 'hosts', strategy: {kind: 'blue-green'}, batches: 1}))).toContain(
    'start health verify move smoke',
  )
})

test.each([{kind: 'blue-green'}, defaultStrategy] as const)(
  'with %j all are watched once they have the traffic, when that is wanted, before the old ones end',
  (strategy) => {
    const plan = plannedSteps({kind: 'hosts', strategy: {...strategy, bakeMillis: 1_000}, batches: 2})

    expect(textOf(plan)).toMatch(/ move2 smoke bake drain prune$/)
  },
)

test('every step has a place of its own, in the order of the plan', () => {
  const plan = plannedSteps({kind: 'hosts', strategy: canary, batches: 30})

  expect(plan.map((step) => placeOf(plan, step))).toEqual(plan.map((_, index) => index + 1))
  expect(placeOf(plan, {step: 'start'})).toBe(plan.length + 1)
})
