import {expect, test} from '@jest/globals'

import {type StoreChange, type WatchBatch} from '../../src/contracts/store.js'
import {type OpenStore, put, take} from './store.js'

export function storeHistoryContract(open: OpenStore): void {
  const never = new AbortController().signal

  test('a watch tells what happened after its revision, one batch for each and in order', async () => {
    const store = await open()
    await put(store, '/a', 'one')
    await store.transact([], [{put: '/c', value: 'c'}, {put: '/b', value: 'b'}, {delete: '/a'}])
    await put(store, '/b', 'two')

    const batches = await take(store.watch('/', 1, never), 2)

    expect(batches).toEqual([
      changes(2, [
        {kind: 'delete', key: '/a'},
        {kind: 'put', entry: {key: '/b', value: 'b', createRevision: 2, modRevision: 2}},
        {kind: 'put', entry: {key: '/c', value: 'c', createRevision: 2, modRevision: 2}},
      ]),
      changes(3, [{kind: 'put', entry: {key: '/b', value: 'two', createRevision: 2, modRevision: 3}}]),
    ])
  })

  test('a watch hears what is written while it waits', async () => {
    const store = await open()
    const waiting = take(store.watch('/', 0, never), 3)
    for (const value of ['1', '2', '3']) await put(store, '/a', value)

    expect((await waiting).map(({revision}) => revision)).toEqual([1, 2, 3])
  })

  test('a watch hears its prefix only', async () => {
    const store = await open()
    const waiting = take(store.watch('/orders/', 0, never), 2)
    for (const key of ['/orders/1', '/orders-admin', '/orders', '/orders0', '/orders/2'])
      await put(store, key, '')

    expect((await waiting).map(keysOf)).toEqual([['/orders/1'], ['/orders/2']])
  })

  test('a watch resumed from each batch misses and repeats nothing', async () => {
    const store = await open()
    for (let index = 1; index <= 20; index++) await put(store, index % 3 === 0 ? '/b' : '/a', String(index))
    const heard: number[] = []
    let seen = 0
    while (seen < 20) {
      const [batch] = await take(store.watch('/a', seen, never), 1)
      seen = batch?.revision ?? 20
      heard.push(seen)
    }

    expect(heard).toEqual([1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19, 20])
  })

  test('a watch from a revision that was forgotten says so and ends', async () => {
    const store = await open({keptRevisions: 20})
    for (let index = 1; index <= 100; index++) await put(store, `/${index % 7}`, String(index))

    expect(await take(store.watch('/', 10, never), 5)).toEqual([{kind: 'compacted', revision: 100}])
    const kept = await take(store.watch('/', 80, never), 20)
    expect(kept.map(({revision}) => revision)).toEqual(Array.from({length: 20}, (_, index) => 81 + index))
  })

  test('a watch that falls behind what is kept says so and ends', async () => {
    const store = await open({keptRevisions: 10})
    await put(store, '/a', '0')
    const watch = store.watch('/', 0, never)[Symbol.asyncIterator]()
    await watch.next()
    for (let index = 1; index <= 50; index++) await put(store, '/a', String(index))

    expect((await watch.next()).value).toEqual({kind: 'compacted', revision: 51})
    expect((await watch.next()).done).toBe(true)
  })

  test('a watch from a revision that the store never had says so and ends', async () => {
    const store = await open()
    await put(store, '/a', '')

    expect(await take(store.watch('/', 99, never), 5)).toEqual([{kind: 'compacted', revision: 1}])
  })

  test('a watch ends when its signal aborts', async () => {
    const store = await open()
    const stop = new AbortController()
    const waiting = take(store.watch('/', 0, stop.signal), 2)
    await put(store, '/a', '')
    stop.abort()

    expect((await waiting).length).toBeLessThan(2)
    expect(await take(store.watch('/', 0, stop.signal), 1)).toEqual([])
  })

  test('a watch ends when the store closes', async () => {
    const store = await open()
    const waiting = take(store.watch('/', 0, never), 1)
    await store.close()

    expect(await waiting).toEqual([])
  })

  test('several watches hear the same', async () => {
    const store = await open()
    const waiting = [1, 2, 3].map(() => take(store.watch('/', 0, never), 10))
    for (let index = 0; index < 10; index++) await put(store, '/a', String(index))

    const [first, ...others] = await Promise.all(waiting)
    expect(first).toHaveLength(10)
    for (const other of others) expect(other).toEqual(first)
  })
}

function changes(revision: number, list: StoreChange[]): WatchBatch {
  return {kind: 'changes', revision, changes: list}
}

function keysOf(batch: WatchBatch): string[] {
  if (batch.kind === 'compacted') return ['compacted']
  return batch.changes.map((change) => (change.kind === 'put' ? change.entry.key : change.key))
}
