import {expect, test} from '@jest/globals'

import {eventually, keysBelow, never, put, revisionOf, take} from './store-actions.js'
import {type StoreHarness} from './store.js'

export function storeLeaseContract(harness: StoreHarness): void {
  test('an entry says which lease it is kept under', async () => {
    const store = await harness.open()
    const lease = await store.grantLease(60_000)
    await put(store, '/a', '', lease)
    await put(store, '/b', '')

    expect((await store.get('/a'))?.lease).toBe(lease)
    expect((await store.range('/')).entries.map((entry) => entry.lease)).toEqual([lease, undefined])
    expect(await store.grantLease(60_000)).not.toBe(lease)
  })

  test('a watch says it, too', async () => {
    const store = await harness.open()
    const from = await revisionOf(store)
    const lease = await store.grantLease(60_000)
    const revision = await put(store, '/a', 'x', lease)

    const entry = {key: '/a', value: 'x', createRevision: revision, modRevision: revision, lease}
    expect((await take(store.watch('/', from, never), 1))[0]).toEqual({
      kind: 'changes',
      revision,
      changes: [{kind: 'put', entry}],
    })
  })

  test('entries go when their lease runs out, all in one revision', async () => {
    const store = await harness.open()
    const lease = await store.grantLease(harness.leaseUnitMillis)
    await put(store, '/a', '', lease)
    await put(store, '/b', '', lease)
    const from = await put(store, '/kept', '')
    expect(await keysBelow(store, '/')).toEqual(['/a', '/b', '/kept'])

    await harness.passTime(harness.leaseUnitMillis)
    await eventually(async () => (await store.get('/a')) === undefined)

    expect(await keysBelow(store, '/')).toEqual(['/kept'])
    expect((await take(store.watch('/', from, never), 1))[0]).toMatchObject({
      kind: 'changes',
      changes: [
        {kind: 'delete', key: '/a'},
        {kind: 'delete', key: '/b'},
      ],
    })
  })

  test('a lease that is renewed in time goes on', async () => {
    const store = await harness.open()
    const lease = await store.grantLease(harness.leaseUnitMillis)
    await put(store, '/a', '', lease)

    for (let round = 0; round < 3; round++) {
      await harness.passTime(harness.leaseUnitMillis / 2)
      expect(await store.renewLease(lease)).toBe(true)
    }
    expect(await keysBelow(store, '/')).toEqual(['/a'])
  })

  test('a lease says how long it has left, and nothing once it is gone', async () => {
    const store = await harness.open()
    const ttlMillis = 10 * harness.leaseUnitMillis
    const lease = await store.grantLease(ttlMillis)
    const fresh = (await store.leaseMillisLeft(lease))!
    await harness.passTime(harness.leaseUnitMillis)
    const later = (await store.leaseMillisLeft(lease))!
    await store.renewLease(lease)
    const renewed = (await store.leaseMillisLeft(lease))!

    expect(fresh).toBeGreaterThan(ttlMillis / 2)
    expect(fresh).toBeLessThanOrEqual(ttlMillis)
    expect(later).toBeLessThan(fresh)
    expect(later).toBeGreaterThan(0)
    expect(renewed).toBeGreaterThan(later)
    expect(renewed).toBeLessThanOrEqual(ttlMillis)
    await store.revokeLease(lease)
    expect(await store.leaseMillisLeft(lease)).toBeUndefined()
    expect(await store.leaseMillisLeft('no-such-lease')).toBeUndefined()
  })

  test('a lease that ran out is gone for every handle', async () => {
    const [store, other] = [await harness.open({place: 'leased'}), await harness.open({place: 'leased'})]
    const lease = await store.grantLease(harness.leaseUnitMillis)
    await harness.passTime(harness.leaseUnitMillis)
    await eventually(async () => (await other.leaseMillisLeft(lease)) === undefined)

    expect(await store.renewLease(lease)).toBe(false)
    expect(await other.renewLease(lease)).toBe(false)
  })

  test('a lease that never was can neither be renewed nor revoked', async () => {
    const store = await harness.open()

    expect(await store.renewLease('no-such-lease')).toBe(false)
    await store.revokeLease('no-such-lease')
  })

  test.each([
    ['is gone', async (gone: () => Promise<string>) => gone()],
    ['never was', async () => 'no-such-lease'],
  ])('a put under a lease that %s does not happen, nor what comes with it', async (_, leaseOf) => {
    const store = await harness.open()
    const before = await revisionOf(store)
    const lease = await leaseOf(async () => {
      const granted = await store.grantLease(60_000)
      await store.revokeLease(granted)
      return granted
    })

    const result = await store.transact(
      [],
      [
        {put: '/a', value: '', lease},
        {put: '/b', value: ''},
      ],
    )

    expect(result.succeeded).toBe(false)
    expect(result.revision).toBeGreaterThanOrEqual(before)
    expect(await keysBelow(store, '/')).toEqual([])
  })

  test('a compare meets the store as it is after leases ran out', async () => {
    const store = await harness.open()
    await put(store, '/lock', '', await store.grantLease(harness.leaseUnitMillis))
    const lock = () =>
      store.transact([{key: '/lock', target: 'created', revision: 0}], [{put: '/lock', value: ''}])

    expect((await lock()).succeeded).toBe(false)
    await harness.passTime(harness.leaseUnitMillis)
    await eventually(async () => (await lock()).succeeded)
  })

  test('revoking a lease deletes its entries at once, in one revision', async () => {
    const store = await harness.open()
    const lease = await store.grantLease(60_000)
    await put(store, '/a', '', lease)
    const from = await put(store, '/b', '', lease)
    await store.revokeLease(lease)
    await store.revokeLease(lease)

    expect(await keysBelow(store, '/')).toEqual([])
    expect(await store.renewLease(lease)).toBe(false)
    expect((await take(store.watch('/', from, never), 1))[0]).toMatchObject({
      kind: 'changes',
      changes: [
        {kind: 'delete', key: '/a'},
        {kind: 'delete', key: '/b'},
      ],
    })
  })

  test('a lease may keep more entries than a transaction writes', async () => {
    const store = await harness.open()
    const lease = await store.grantLease(60_000)
    for (const part of ['a', 'b']) {
      const writes = Array.from({length: 100}, (_, index) => ({put: `/${part}/${index}`, value: '', lease}))
      await store.transact([], writes)
    }
    await store.revokeLease(lease)

    expect(await keysBelow(store, '/')).toEqual([])
  })

  test('an entry put again without its lease outlives it, and one put under another goes with that', async () => {
    const store = await harness.open()
    const [first, second] = [await store.grantLease(60_000), await store.grantLease(60_000)]
    const createRevision = await put(store, '/a', 'leased', first)
    const modRevision = await put(store, '/a', 'kept')
    await put(store, '/b', '', first)
    await put(store, '/b', '', second)
    await store.revokeLease(first)

    expect(await store.get('/a')).toEqual({key: '/a', value: 'kept', createRevision, modRevision})
    expect(await keysBelow(store, '/')).toEqual(['/a', '/b'])
    await store.revokeLease(second)
    expect(await keysBelow(store, '/')).toEqual(['/a'])
  })

  test('a watch hears a lease run out although nobody uses the store', async () => {
    const store = await harness.open()
    const from = await put(store, '/a', '', await store.grantLease(harness.leaseUnitMillis))
    const waiting = take(store.watch('/', from, never), 1)
    await harness.passTime(harness.leaseUnitMillis)

    expect((await waiting)[0]).toMatchObject({kind: 'changes', changes: [{kind: 'delete', key: '/a'}]})
  })
}
