import {expect, test} from '@jest/globals'

import {hostNames, rolloutWishes} from '../../src/app/rollout-flags.js'

test('only what is given is wished for', () => {
  expect(rolloutWishes({})).toEqual({})
  expect(
    rolloutWishes({
      ...{strategy: 'canary', batch: '25%', weight: 5, bake: '2m'},
      'on-failure': 'pause',
      'ws-grace': '1m30s',
    }),
  ).toEqual({
    strategy: {strategy: 'canary', batch: '25%', weight: 5, bake: '2m'},
    onFailure: 'pause',
    webSocketMillis: 90_000,
  })
  expect(rolloutWishes({batch: '3'})).toEqual({strategy: {batch: 3}})
})

test.each([
  [{batch: '0'}],
  [{batch: '101%'}],
  [{batch: '-1'}],
  [{batch: '1.5'}],
  [{batch: '2 hosts'}],
  [{batch: ''}],
  [{batch: '5000'}],
  [{bake: '2'}],
  [{bake: '2h'}],
  [{bake: ''}],
  [{'ws-grace': 'long'}],
])('%j is refused', (flags) => {
  expect(() => rolloutWishes(flags)).toThrow(expect.objectContaining({code: 'E_USAGE', exitCode: 2}))
})

test('names of hosts are parted by commas', () => {
  expect(hostNames(undefined)).toBeUndefined()
  expect(hostNames('web-1, web-2')).toEqual(['web-1', 'web-2'])
})

test.each(['', ',', 'web-1,', '../x', 'a;b', '-rf', 'WEB', 'a b'])('--hosts %j is refused', (list) => {
  expect(() => hostNames(list)).toThrow(expect.objectContaining({code: 'E_USAGE'}))
})
