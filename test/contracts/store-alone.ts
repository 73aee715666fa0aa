import {afterEach, describe, expect, test} from '@jest/globals'

import {type Store} from '../../src/contracts/store.js'
import {keysBelow, never, put, take} from './store-actions.js'

interface StoreSettings {
  now?: () => number
  keptRevisions?: number
}

/** Opens a new, empty store. */
type OpenStore = (settings?: StoreSettings) => Promise<Store>

/**
 * What a store promises, beyond `storeContract`, when its revisions and its clock are its own: they begin at 0 and
 * grow by one, leases end at their millisecond, and it forgets its oldest history by itself.
 */
export function storeAloneContract(name: string, openStore: OpenStore): void {
  describe(`${name}, alone`, () => {
    const opened: Store[] = []
    const open: OpenStore = async (settings) => {
      const store = await openStore(settings)
      opened.push(store)
      return store
    }
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()))
    })

    test('begins at revision 0 and grows by one with each change, and with nothing else', async () => {
      const store = await open()

      expect(await store.range('')).toEqual({entries: [], revision: 0})
      expect(await put(store, '/a', '')).toBe(1)
      expect(await put(store, '/a', '')).toBe(2)
      expect(await store.transact([], [])).toEqual({succeeded: true, revision: 2})
      expect(await store.transact([], [{delete: '/absent'}])).toEqual({succeeded: true, revision: 2})
      expect(await store.transact([{key: '/a', target: 'modified', revision: 1}], [{delete: '/a'}])).toEqual({
        succeeded: false,
        revision: 2,
      })
      await store.renewLease(await store.grantLease(1_000))
      expect((await store.range('')).revision).toBe(2)
    })

    test('ends a lease at its millisecond, with all its entries in one revision', async () => {
      let now = 1_000
      const store = await open({now: () => now})
      const lease = await store.grantLease(30_000)
      await put(store, '/a', '', lease)
      await put(store, '/b', '', lease)
      await put(store, '/kept', '')

      now += 29_999
      expect(await keysBelow(store, '/')).toEqual(['/a', '/b', '/kept'])
      expect(await store.leaseMillisLeft(lease)).toBe(1)
      now += 1
      expect(await store.leaseMillisLeft(lease)).toBeUndefined()
      expect(await store.renewLease(lease)).toBe(false)
      expect(await store.range('/')).toMatchObject({entries: [{key: '/kept'}], revision: 4})
      expect((await take(store.watch('/', 3, never), 1))[0]).toEqual({
        kind: 'changes',
        revision: 4,
        changes: [
          {kind: 'delete', key: '/a'},
          {kind: 'delete', key: '/b'},
        ],
      })
    })

    test('keeps the newest revisions, and says that the others were forgotten', async () => {
      const store = await open({keptRevisions: 20})
      for (let index = 1; index <= 100; index++) await put(store, `/${index % 7}`, String(index))

      expect(await take(store.watch('/', 10, never), 5)).toEqual([{kind: 'compacted', revision: 100}])
      const kept = await take(store.watch('/', 80, never), 20)
      expect(kept.map(({revision}) => revision)).toEqual(Array.from({length: 20}, (_, index) => 81 + index))
    })

    test('tells a watch that fell behind what is kept', async () => {
      const store = await open({keptRevisions: 10})
      await put(store, '/a', '0')
      const watch = store.watch('/', 0, never)[Symbol.asyncIterator]()
      await watch.next()
      for (let index = 1; index <= 50; index++) await put(store, '/a', String(index))

      expect((await watch.next()).value).toEqual({kind: 'compacted', revision: 51})
      expect((await watch.next()).done).toBe(true)
    })
  })
}
