import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {maxTransactionWrites, type StoreEntry} from '../../src/contracts/store.js'
import {byBytes, increment, keysBelow, never, put, putEntry, revisionOf, take} from './store-actions.js'
import {type StoreHarness} from './store.js'

export function storeTransactionContract(harness: StoreHarness): void {
  test('a key is made only while it is absent', async () => {
    const store = await harness.open()
    const make = () =>
      store.transact([{key: '/a', target: 'created', revision: 0}], [{put: '/a', value: 'x'}])

    const first = await make()
    const second = await make()

    expect([first.succeeded, second.succeeded]).toEqual([true, false])
    expect((await store.get('/a'))?.createRevision).toBe(first.revision)
    expect(second.revision).toBeGreaterThanOrEqual(first.revision)
  })

  test('one compare that does not hold stops all writes', async () => {
    const store = await harness.open()
    const entry = await putEntry(store, '/a', 'one')
    const compares = [
      {key: '/a', target: 'modified', revision: entry.modRevision},
      {key: '/b', target: 'modified', revision: 7},
    ] as const

    const result = await store.transact(compares, [{put: '/a', value: 'two'}, {delete: '/a2'}])

    expect(result.succeeded).toBe(false)
    expect(result.revision).toBeGreaterThanOrEqual(entry.modRevision)
    expect((await store.range('')).entries).toEqual([entry])
  })

  test('the revision that made a key is another than the one that changed it', async () => {
    const store = await harness.open()
    const {createRevision} = await putEntry(store, '/a', 'one')
    const modRevision = await put(store, '/a', 'two')
    const succeeds = async (target: 'created' | 'modified', revision: number) =>
      (await store.transact([{key: '/a', target, revision}], [])).succeeded

    expect(await succeeds('created', createRevision)).toBe(true)
    expect(await succeeds('created', modRevision)).toBe(false)
    expect(await succeeds('modified', modRevision)).toBe(true)
    expect(await succeeds('modified', createRevision)).toBe(false)
  })

  test('all writes of a transaction have one revision', async () => {
    const store = await harness.open()
    await put(store, '/old', '')
    const {succeeded, revision} = await store.transact(
      [],
      [{put: '/b', value: ''}, {delete: '/old'}, {put: '/a', value: ''}],
    )

    expect(succeeded).toBe(true)
    const range = await store.range('')
    expect(range.entries.map(({key, modRevision}) => [key, modRevision])).toEqual([
      ['/a', revision],
      ['/b', revision],
    ])
    expect(range.revision).toBeGreaterThanOrEqual(revision)
  })

  test('a transaction that changes nothing succeeds, and no watch hears of it', async () => {
    const store = await harness.open()
    const before = await put(store, '/a', '')

    expect(await store.transact([], [])).toMatchObject({succeeded: true})
    expect(await store.transact([], [{delete: '/absent'}])).toMatchObject({succeeded: true})
    const after = await put(store, '/a', 'again')
    expect((await take(store.watch('', before, never), 1))[0]).toMatchObject({revision: after})
  })

  test('a key named twice in one transaction is refused', async () => {
    const store = await harness.open()

    await expect(store.transact([], [{put: '/a', value: ''}, {delete: '/a'}])).rejects.toThrow(TypeError)
    expect(await keysBelow(store, '')).toEqual([])
  })

  test('a transaction holds as many compares and writes as it may, and not one more', async () => {
    const store = await harness.open()
    const keys = Array.from({length: maxTransactionWrites + 1}, (_, index) => `/${1_000 + index}`)
    const compares = keys.map((key) => ({key, target: 'created' as const, revision: 0}))
    const writes = keys.map((key) => ({put: key, value: key}))

    await expect(store.transact([], writes)).rejects.toThrow()
    await expect(store.transact(compares, [])).rejects.toThrow()
    expect(await keysBelow(store, '')).toEqual([])
    const most = await store.transact(compares.slice(1), writes.slice(1))
    expect(most.succeeded).toBe(true)
    expect((await store.range('')).entries.map(({key, modRevision}) => [key, modRevision])).toEqual(
      keys.slice(1).map((key) => [key, most.revision]),
    )
  })

  test('fifty increments at once end at fifty', async () => {
    const stores = await Promise.all([1, 2, 3].map(() => harness.open({place: 'counted'})))

    await Promise.all(Array.from({length: 50}, (_, index) => increment(stores[index % 3]!, '/count')))

    expect((await stores[0]!.get('/count'))?.value).toBe('50')
  })

  test('of twenty that make a key at once, one wins', async () => {
    const stores = await Promise.all([1, 2, 3].map(() => harness.open({place: 'contended'})))
    const make = (index: number) =>
      stores[index % 3]!.transact(
        [{key: '/a', target: 'created', revision: 0}],
        [{put: '/a', value: String(index)}],
      )

    const results = await Promise.all(Array.from({length: 20}, (_, index) => make(index)))

    const winners = results.flatMap(({succeeded}, index) => (succeeded ? [String(index)] : []))
    expect(winners).toHaveLength(1)
    expect((await stores[0]!.get('/a'))?.value).toBe(winners[0])
  })

  test('any run of transactions ends as in a simple model', async () => {
    const property = fc.asyncProperty(fc.array(step, {maxLength: 15}), async (steps) => {
      const store = await harness.open()
      const model = new Map<string, StoreEntry>()
      let revision = await revisionOf(store)
      for (const {key, target, error, writes} of steps) {
        const entry = model.get(key)
        const current = (target === 'created' ? entry?.createRevision : entry?.modRevision) ?? 0
        const effective = error === 0 ? writes.filter((w) => w.value !== undefined || model.has(w.key)) : []

        const result = await store.transact(
          [{key, target, revision: current + error}],
          writes.map((w) => (w.value === undefined ? {delete: w.key} : {put: w.key, value: w.value})),
        )

        expect(result.succeeded).toBe(error === 0)
        expect(result.revision).toBeGreaterThanOrEqual(effective.length > 0 ? revision + 1 : revision)
        revision = result.revision
        for (const {key: put, value} of effective) {
          if (value === undefined) model.delete(put)
          else {
            const createRevision = model.get(put)?.createRevision ?? revision
            model.set(put, {key: put, value, createRevision, modRevision: revision})
          }
        }
      }
      const expected = [...model.values()].sort((left, right) => byBytes(left.key, right.key))
      expect((await store.range('')).entries).toEqual(expected)
      await store.close()
    })
    await fc.assert(property, {numRuns: 30})
  })
}

const keys = ['/a', '/b', '/c']

const step = fc.record({
  key: fc.constantFrom(...keys),
  target: fc.constantFrom('created' as const, 'modified' as const),
  /** How far the compared revision is from the true one. */
  error: fc.constantFrom(0, 0, 0, 1),
  writes: fc.uniqueArray(
    fc.record({
      key: fc.constantFrom(...keys),
      value: fc.option(fc.string({maxLength: 3}), {nil: undefined}),
    }),
    {selector: ({key}) => key, maxLength: 3},
  ),
})
