import {expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {LeasedBoard} from '../../../src/lifecycle/supervise/leased-board.js'

const thousand = new Map(
  Array.from({length: 1_000}, (_, index) => [`/status/${index}`, `one ${index}`] as const),
)

test('a board with more records than a transaction takes is written whole', async () => {
  const store = new MemoryStore()
  await new LeasedBoard(store, 10_000).publish(thousand)

  expect((await store.range('/status/')).entries).toHaveLength(1_000)
})

test('what is on the board already is not written again, and what left it is deleted', async () => {
  const store = new MemoryStore()
  const board = new LeasedBoard(store, 10_000)
  await board.publish(thousand)
  const {revision} = await store.range('')
  await board.publish(thousand)
  expect((await store.range('')).revision).toBe(revision)

  await board.publish(new Map([['/status/7', 'one 7']]))
  expect((await store.range('/status/')).entries.map(({key}) => key)).toEqual(['/status/7'])
})

test('a board whose lease ran out is written whole again', async () => {
  let now = 0
  const store = new MemoryStore({now: () => now})
  const board = new LeasedBoard(store, 10_000)
  await board.publish(thousand)
  now += 10_000
  await board.publish(new Map([...thousand, ['/status/7', 'another']]))

  expect((await store.range('/status/')).entries).toHaveLength(1_000)
})
