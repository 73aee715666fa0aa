import {expect, test} from '@jest/globals'

import {rollbackTarget} from '../../src/domain/rollback-target.js'
import {releasesToPrune} from '../../src/domain/retention.js'
import {aDeploy} from '../fakes/records.js'

const live = (release: number) => ({release, kind: 'deploy' as const, outcome: 'live' as const})
const back = (release: number) => ({release, kind: 'rollback' as const, outcome: 'live' as const})
const failed = (release: number) => ({release, kind: 'deploy' as const, outcome: 'failed' as const})
const cut = (release: number) => ({release, kind: 'deploy' as const, outcome: 'interrupted' as const})

test.each([
  ['nothing was ever live', [], undefined, undefined],
  ['only one was', [live(1)], 1, undefined],
  ['the one before', [live(1), live(2)], 2, 1],
  ['failed ones do not count', [live(1), failed(2), cut(3), live(4)], 4, 1],
  ['after a rollback, further back', [live(1), live(2), live(3), back(2)], 2, 1],
  [
    'after a rollback and a new deploy, where that came from',
    [live(1), live(2), live(3), back(2), live(5)],
    5,
    2,
  ],
  ['an interrupted one that has the traffic', [live(1), cut(2)], 2, 1],
  ['all the way back', [live(1), live(2), back(1)], 1, undefined],
])('a rollback, when %s', (_name, history, active, wanted) => {
  const deploys = history.map((changes, index) => aDeploy({number: index + 1, ...changes}))

  expect(rollbackTarget(deploys, active)).toBe(wanted)
  expect(rollbackTarget([...deploys].reverse(), active)).toBe(wanted)
})

test('pruning keeps the newest five and what is needed', () => {
  expect(releasesToPrune([1, 2, 3, 4, 5, 6, 7, 8], [2, undefined])).toEqual([1, 3])
  expect(releasesToPrune([1, 2], [])).toEqual([])
})
