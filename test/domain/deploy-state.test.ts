import {expect, test} from '@jest/globals'

import {deployState, isUnfinished} from '../../src/domain/deploy-state.js'

test.each([
  ['the newest one, with a living holder', true, true, 'running'],
  ['without a holder', false, true, 'abandoned'],
  ['an older one, whoever holds the lock', true, false, 'abandoned'],
  ['an older one', false, false, 'abandoned'],
] as const)('a deploy that says it runs: %s', (_name, isLocked, isNewest, state) => {
  expect(deployState({outcome: 'running'}, {isLocked, isNewest})).toBe(state)
})

test.each(['live', 'failed', 'interrupted', 'paused', 'partial', 'aborted'] as const)(
  'one that is %s stays so, whoever holds the lock',
  (outcome) => {
    expect(deployState({outcome}, {isLocked: false, isNewest: false})).toBe(outcome)
    expect(deployState({outcome}, {isLocked: true, isNewest: true})).toBe(outcome)
  },
)

test('only the newest one can have stopped halfway', () => {
  const around = {isLocked: false, isNewest: true}

  expect(isUnfinished('abandoned', around)).toBe(true)
  expect(isUnfinished('paused', around)).toBe(true)
  expect(isUnfinished('paused', {...around, isNewest: false})).toBe(false)
  expect(isUnfinished('live', around)).toBe(false)
})
