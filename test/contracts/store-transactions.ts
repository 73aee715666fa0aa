import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {type StoreEntry} from '../../src/contracts/store.js'
import {byBytes, increment, type OpenStore, put} from './store.js'

export function storeTransactionContract(open: OpenStore): void {
  test('a key is made only while it is absent', async () => {
    const store = await open()
    const make = () =>
      store.transact([{key: '/a', target: 'created', revision: 0}], [{put: '/a', value: 'x'}])

    expect(await make()).toEqual({succeeded: true, revision: 1})
    expect(await make()).toEqual({succeeded: false, revision: 1})
  })

  test('one compare that does not hold stops all writes', async () => {
    const store = await open()
    await put(store, '/a', 'one')
    const compares = [
      {key: '/a', target: 'modified', revision: 1},
      {key: '/b', target: 'modified', revision: 7},
    ] as const

    const result = await store.transact(compares, [{put: '/a', value: 'two'}, {delete: '/a2'}])

    expect(result).toEqual({succeeded: false, revision: 1})
    expect((await store.get('/a'))?.value).toBe('one')
  })

  test('all writes of a transaction have one revision', async () => {
    const store = await open()
    await put(store, '/old', '')
    const result = await store.transact(
      [],
      [{put: '/b', value: ''}, {delete: '/old'}, {put: '/a', value: ''}],
    )

    expect(result).toEqual({succeeded: true, revision: 2})
    const {entries, revision} = await store.range('')
    expect(entries.map(({key, modRevision}) => [key, modRevision])).toEqual([
      ['/a', 2],
      ['/b', 2],
    ])
    expect(revision).toBe(2)
  })

  test('a transaction that changes nothing has no revision of its own', async () => {
    const store = await open()
    await put(store, '/a', '')

    expect(await store.transact([], [])).toEqual({succeeded: true, revision: 1})
    expect(await store.transact([], [{delete: '/absent'}])).toEqual({succeeded: true, revision: 1})
  })

  test('a key named twice in one transaction is refused', async () => {
    const store = await open()

    await expect(store.transact([], [{put: '/a', value: ''}, {delete: '/a'}])).rejects.toThrow(TypeError)
  })

  test('fifty increments at once end at fifty', async () => {
    const store = await open()
    await put(store, '/count', '0')

    await Promise.all(Array.from({length: 50}, () => increment(store, '/count')))

    expect((await store.get('/count'))?.value).toBe('50')
  })

  test('any run of transactions ends as in a simple model', async () => {
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
    const property = fc.asyncProperty(fc.array(step, {maxLength: 15}), async (steps) => {
      const store = await open()
      const model = new Map<string, StoreEntry>()
      let revision = 0
      for (const {key, target, error, writes} of steps) {
        const entry = model.get(key)
        const current = (target === 'created' ? entry?.createRevision : entry?.modRevision) ?? 0
        const effective = error === 0 ? writes.filter((w) => w.value !== undefined || model.has(w.key)) : []
        if (effective.length > 0) revision += 1
        for (const {key: put, value} of effective) {
          if (value === undefined) model.delete(put)
          else {
            const createRevision = model.get(put)?.createRevision ?? revision
            model.set(put, {key: put, value, createRevision, modRevision: revision})
          }
        }

        const result = await store.transact(
          [{key, target, revision: current + error}],
          writes.map((w) => (w.value === undefined ? {delete: w.key} : {put: w.key, value: w.value})),
        )

        expect(result).toEqual({succeeded: error === 0, revision})
      }
      const expected = [...model.values()].sort((left, right) => byBytes(left.key, right.key))
      expect(await store.range('')).toEqual({entries: expected, revision})
      await store.close()
    })
    await fc.assert(property, {numRuns: 40})
  })
}
