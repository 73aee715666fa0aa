import {expect, test} from '@jest/globals'

import {type OpenStore, keysBelow, put, take} from './store.js'

export function storeLeaseContract(open: OpenStore): void {
  const never = new AbortController().signal

  test('an entry says which lease it is kept under', async () => {
    const store = await open()
    const lease = await store.grantLease(1_000)
    await put(store, '/a', '', lease)

    expect((await store.get('/a'))?.lease).toBe(lease)
    expect(await store.grantLease(1_000)).not.toBe(lease)
  })

  test('entries go when their lease runs out, all in one revision', async () => {
    let now = 1_000
    const store = await open({now: () => now})
    const lease = await store.grantLease(30_000)
    await put(store, '/a', '', lease)
    await put(store, '/b', '', lease)
    await put(store, '/kept', '')

    now += 29_999
    expect(await keysBelow(store, '/')).toEqual(['/a', '/b', '/kept'])
    now += 1
    expect(await store.get('/a')).toBeUndefined()
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

  test('a lease that is renewed in time goes on', async () => {
    let now = 0
    const store = await open({now: () => now})
    const lease = await store.grantLease(30_000)
    await put(store, '/a', '', lease)

    for (let round = 0; round < 5; round++) {
      now += 20_000
      expect(await store.renewLease(lease)).toBe(true)
    }
    expect(await keysBelow(store, '/')).toEqual(['/a'])
  })

  test('a lease that ran out or never was can not be renewed', async () => {
    let now = 0
    const store = await open({now: () => now})
    const lease = await store.grantLease(10)
    now += 10

    expect(await store.renewLease(lease)).toBe(false)
    expect(await store.renewLease('no-such-lease')).toBe(false)
  })

  test('a put under a lease that is gone does not happen, nor what comes with it', async () => {
    let now = 0
    const store = await open({now: () => now})
    const lease = await store.grantLease(10)
    now += 10

    const result = await store.transact(
      [],
      [
        {put: '/a', value: '', lease},
        {put: '/b', value: ''},
      ],
    )

    expect(result).toEqual({succeeded: false, revision: 0})
    expect(await keysBelow(store, '/')).toEqual([])
  })

  test('a compare meets the store as it is after leases ran out', async () => {
    let now = 0
    const store = await open({now: () => now})
    await put(store, '/lock', '', await store.grantLease(10))
    const take = () =>
      store.transact([{key: '/lock', target: 'created', revision: 0}], [{put: '/lock', value: ''}])

    expect((await take()).succeeded).toBe(false)
    now += 10
    expect((await take()).succeeded).toBe(true)
  })

  test('revoking a lease deletes its entries at once', async () => {
    const store = await open()
    const lease = await store.grantLease(60_000)
    await put(store, '/a', '', lease)
    await store.revokeLease(lease)
    await store.revokeLease(lease)

    expect(await store.range('/')).toEqual({entries: [], revision: 2})
    expect(await store.renewLease(lease)).toBe(false)
  })

  test('an entry put again without its lease outlives it', async () => {
    const store = await open()
    const lease = await store.grantLease(60_000)
    await put(store, '/a', 'leased', lease)
    await put(store, '/a', 'kept')
    await store.revokeLease(lease)

    const entry = await store.get('/a')
    expect(entry).toEqual({key: '/a', value: 'kept', createRevision: 1, modRevision: 2})
  })

  test('a watch hears a lease run out although nobody uses the store', async () => {
    const store = await open()
    await put(store, '/a', '', await store.grantLease(50))

    const [, batch] = await take(store.watch('/', 0, never), 2)

    expect(batch).toEqual({kind: 'changes', revision: 2, changes: [{kind: 'delete', key: '/a'}]})
  })
}
