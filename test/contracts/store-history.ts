import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {type Store, type StoreChange, type WatchBatch, type Write} from '../../src/contracts/store.js'
import {byBytes, never, put, putEntry, revisionOf, take} from './store-actions.js'
import {type StoreHarness} from './store.js'

export function storeHistoryContract(harness: StoreHarness): void {
  test('a watch tells what happened after its revision, one batch for each and in order', async () => {
    const store = await harness.open()
    const from = await put(store, '/a', 'one')
    const second = await store.transact(
      [],
      [{put: '/c', value: 'c'}, {put: '/b', value: 'b'}, {delete: '/a'}],
    )
    const createRevision = second.revision
    const changed = await putEntry(store, '/b', 'two', createRevision)

    const batches = await take(store.watch('/', from, never), 2)

    expect(batches).toEqual([
      changes(createRevision, [
        {kind: 'delete', key: '/a'},
        {kind: 'put', entry: {key: '/b', value: 'b', createRevision, modRevision: createRevision}},
        {kind: 'put', entry: {key: '/c', value: 'c', createRevision, modRevision: createRevision}},
      ]),
      changes(changed.modRevision, [{kind: 'put', entry: changed}]),
    ])
  })

  test('a watch hears what is written while it waits, also through another handle', async () => {
    const [store, writer] = [await harness.open({place: 'heard'}), await harness.open({place: 'heard'})]
    const watch = store.watch('/', await revisionOf(store), never)[Symbol.asyncIterator]()
    for (const value of ['1', '2', '3']) {
      const next = watch.next()
      // What another handle reads gives the watch time to find nothing, and to wait.
      for (let look = 0; look < 10; look++) await revisionOf(writer)
      const revision = await put(writer, '/a', value)
      expect((await next).value).toMatchObject({kind: 'changes', revision})
    }
    await watch.return?.()
  })

  test('a watch hears its prefix only', async () => {
    const store = await harness.open()
    const from = await revisionOf(store)
    const waiting = [
      take(store.watch('/orders/', from, never), 2),
      take(store.watch('/orders', from, never), 5),
    ]
    const keys = ['/orders/1', '/orders-admin', '/orders', '/orders0', '/order', '/orders/2']
    for (const key of keys) await put(store, key, '')

    const [narrow = [], wide = []] = await Promise.all(waiting)
    expect(narrow.map(keysOf)).toEqual([['/orders/1'], ['/orders/2']])
    expect(wide.flatMap(keysOf)).toEqual(keys.filter((key) => key !== '/order'))
  })

  test('a watch hears what its prefix shares with others in one revision', async () => {
    const store = await harness.open()
    const from = await revisionOf(store)
    await store.transact(
      [],
      [
        {put: '/b/1', value: ''},
        {put: '/a/1', value: ''},
        {put: '/a/2', value: ''},
      ],
    )

    expect((await take(store.watch('/a/', from, never), 1)).map(keysOf)).toEqual([['/a/1', '/a/2']])
  })

  test('a watch resumed from each batch misses and repeats nothing', async () => {
    const store = await harness.open()
    let seen = await revisionOf(store)
    const written: number[] = []
    for (let index = 1; index <= 20; index++) {
      const revision = await put(store, index % 3 === 0 ? '/b' : '/a', String(index))
      if (index % 3 !== 0) written.push(revision)
    }
    const heard: number[] = []
    while (heard.length < written.length) {
      const [batch] = await take(store.watch('/a', seen, never), 1)
      seen = batch!.revision
      heard.push(seen)
    }

    expect(heard).toEqual(written)
  })

  test('a watch resumed anywhere in any history tells exactly the rest', async () => {
    const history = fc.array(transaction, {minLength: 200, maxLength: 200})
    const property = fc.asyncProperty(history, async (transactions) => {
      const store = await harness.open()
      const points = [await revisionOf(store)]
      const expected: WatchBatch[] = []
      for (const writes of [...transactions, [{put: '/k/a', value: 'the end'}]]) {
        const batch = await recorded(store, writes)
        if (batch !== undefined) expected.push(batch)
        points.push(batch?.revision ?? points.at(-1)!)
      }
      for (const [index, from] of points.slice(0, -1).entries()) {
        const prefix = index % 2 === 0 ? '/k/' : '/k/a'
        const rest = restOf(expected, from, prefix)
        expect(await take(store.watch(prefix, from, never), rest.length)).toEqual(rest)
      }
      await store.close()
    })
    await fc.assert(property, {numRuns: 1})
  })

  test('a watch from before what was forgotten says so and ends', async () => {
    const store = await harness.open()
    const forgotten = await put(store, '/0', '')
    for (let index = 1; index <= 10; index++) await put(store, `/${index % 3}`, String(index))
    const kept = await revisionOf(store)
    await harness.compact(store)

    const batches = await take(store.watch('/', forgotten, never), 5)
    expect(batches.map(({kind}) => kind)).toEqual(['compacted'])
    expect(batches[0]?.revision).toBeGreaterThanOrEqual(kept)
    const next = await put(store, '/a', '')
    expect((await take(store.watch('/', kept, never), 1))[0]).toMatchObject({kind: 'changes', revision: next})
  })

  test('a watch that falls behind has no gap: it hears all, or says that it can not and ends', async () => {
    const store = await harness.open()
    const written = [await put(store, '/a', '0')]
    const watch = store.watch('/', written[0]! - 1, never)
    const heard: WatchBatch[] = []
    for await (const batch of watch) {
      heard.push(batch)
      if (heard.length === 1) {
        for (let index = 1; index <= 30; index++) written.push(await put(store, '/a', String(index)))
        await harness.compact(store)
      }
      if (batch.revision >= written.at(-1)!) break
    }

    const changed = heard.filter(({kind}) => kind === 'changes').map(({revision}) => revision)
    expect(changed).toEqual(written.slice(0, changed.length))
    if (changed.length < written.length) expect(heard.at(-1)?.kind).toBe('compacted')
  })

  test('a watch from a revision that the store never had says so and ends', async () => {
    const store = await harness.open()
    const revision = await put(store, '/a', '')

    const batches = await take(store.watch('/', revision + 1_000_000, never), 5)
    expect(batches.map(({kind}) => kind)).toEqual(['compacted'])
    expect(batches[0]?.revision).toBeGreaterThanOrEqual(revision)
    expect(batches[0]?.revision).toBeLessThan(revision + 1_000_000)
  })

  test('a watch ends when its signal aborts', async () => {
    const store = await harness.open()
    const stop = new AbortController()
    const from = await revisionOf(store)
    const waiting = take(store.watch('/', from, stop.signal), 2)
    await put(store, '/a', '')
    stop.abort()

    expect((await waiting).length).toBeLessThan(2)
    expect(await take(store.watch('/', from, stop.signal), 1)).toEqual([])
  })

  test('a watch ends when the store closes', async () => {
    const store = await harness.open()
    const waiting = take(store.watch('/', await revisionOf(store), never), 1)
    await store.close()

    expect(await waiting).toEqual([])
  })

  test('several watches hear the same', async () => {
    const stores = [await harness.open({place: 'watched'}), await harness.open({place: 'watched'})]
    const from = await revisionOf(stores[0]!)
    const waiting = [0, 1, 0, 1].map((index) => take(stores[index]!.watch('/', from, never), 10))
    for (let index = 0; index < 10; index++) await put(stores[0]!, `/${index % 3}`, String(index))

    const [first, ...others] = await Promise.all(waiting)
    expect(first).toHaveLength(10)
    for (const other of others) expect(other).toEqual(first)
  })
}

const keys = ['/k/a', '/k/aa', '/k/b', '/k/\u{1f600}', '/k/\uffee']

const transaction = fc.uniqueArray(
  fc.oneof(
    {weight: 3, arbitrary: fc.record({put: fc.constantFrom(...keys), value: fc.string({maxLength: 3})})},
    {weight: 2, arbitrary: fc.record({delete: fc.constantFrom(...keys)})},
  ),
  {selector: (write) => ('put' in write ? write.put : write.delete), minLength: 1, maxLength: 4},
)

/** Writes, and returns the batch that a watch must tell of it; undefined when nothing changed. */
async function recorded(store: Store, writes: readonly Write[]): Promise<WatchBatch | undefined> {
  const before = new Map((await store.range('')).entries.map((entry) => [entry.key, entry]))
  const {revision} = await store.transact([], writes)
  const list = writes.flatMap((write): StoreChange[] => {
    if ('delete' in write) return before.has(write.delete) ? [{kind: 'delete', key: write.delete}] : []
    const createRevision = before.get(write.put)?.createRevision ?? revision
    return [{kind: 'put', entry: {key: write.put, value: write.value, createRevision, modRevision: revision}}]
  })
  list.sort((left, right) => byBytes(keyOf(left), keyOf(right)))
  return list.length === 0 ? undefined : changes(revision, list)
}

function restOf(batches: readonly WatchBatch[], from: number, prefix: string): WatchBatch[] {
  return batches.flatMap((batch) => {
    if (batch.kind === 'compacted' || batch.revision <= from) return []
    const list = batch.changes.filter((change) => keyOf(change).startsWith(prefix))
    return list.length === 0 ? [] : [changes(batch.revision, list)]
  })
}

function changes(revision: number, list: StoreChange[]): WatchBatch {
  return {kind: 'changes', revision, changes: list}
}

function keysOf(batch: WatchBatch): string[] {
  return batch.kind === 'compacted' ? ['compacted'] : batch.changes.map(keyOf)
}

function keyOf(change: StoreChange): string {
  return change.kind === 'put' ? change.entry.key : change.key
}
