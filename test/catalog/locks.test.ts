import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {acquireLock, type LockIdentity} from '../../src/catalog/locks.js'
import {ManualClock} from '../fakes/clock.js'
import {fakeIdentity} from '../fakes/identity.js'

const name = 'deploy/local/hello'
const key = keys.lock(name)

let clock: ManualClock
let catalog: Catalog
let storeIsDown: boolean

beforeEach(() => {
  clock = new ManualClock()
  storeIsDown = false
  catalog = new Catalog(new FlakyStore({now: () => clock.now().getTime()}))
})

class FlakyStore extends MemoryStore {
  override async renewLease(lease: string): Promise<boolean> {
    if (storeIsDown) throw new Error('unreachable')
    return super.renewLease(lease)
  }
}

function acquire(identity: LockIdentity = fakeIdentity(), purpose = 'deploy hello to local') {
  return acquireLock(catalog, clock, identity, {name, purpose, ttlMillis: 30_000})
}

describe('taking a lock', () => {
  test('a second taker is told who, since when, where and how to break it', async () => {
    await acquire()
    await clock.advance(5_000)

    await expect(acquire(fakeIdentity({holder: 'bob@laptop', pid: 5000}))).rejects.toMatchObject({
      code: 'E_LOCKED',
      exitCode: 3,
      what: "Can't deploy hello to local",
      why: 'ada@laptop holds its lock since 2026-11-20T12:00:00.000Z, on laptop with process 4711, to deploy hello to local',
      next: [
        'wait until it is done and run the command again (a holder that was killed frees it within 40 s)',
        "yard lock break hello --env local   # its holder can't go on then",
      ],
    })
  })

  test('the run of a build server that holds it is told, and any lock has a line that breaks it', async () => {
    const other = {name: 'supervisor/local/localhost', purpose: 'yard up'}
    const ciUrl = 'https://ci.example.com/job/7'
    await acquireLock(catalog, clock, fakeIdentity({ciUrl}), other)

    await expect(acquireLock(catalog, clock, fakeIdentity(), other)).rejects.toMatchObject({
      why: expect.stringContaining('with process 4711 (https://ci.example.com/job/7), to yard up'),
      next: [
        expect.any(String),
        expect.stringMatching(/^yard lock break --name supervisor\/local\/localhost /),
      ],
      details: {ciUrl},
    })
    expect((await catalog.locks.get(keys.lock(other.name)))?.record).toMatchObject({ciUrl, ttlMillis: 30_000})
  })

  test('of many takers at once one gets it', async () => {
    const outcomes = await Promise.allSettled(Array.from({length: 20}, () => acquire()))

    expect(outcomes.filter(({status}) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({code: 'E_LOCKED'})
    }
  })

  test('a holder with a hostile name is shown escaped', async () => {
    await acquire(fakeIdentity({holder: 'eve\n\u001b[2J'}))

    await expect(acquire()).rejects.toMatchObject({
      why: expect.stringContaining(String.raw`"eve\n\u001b[2J"`),
    })
  })

  test('it is free after its release, however often that is done', async () => {
    const lock = await acquire()
    await lock.release()
    await lock.release()

    expect(await catalog.store.get(key)).toBeUndefined()
    expect(lock.lost.aborted).toBe(false)
    await acquire()
  })

  test('a dead holder on this host is replaced at once, and its writes are refused', async () => {
    const dead = await acquire(fakeIdentity({pid: 100, processStartedAt: 'boot:7'}))
    const asked: unknown[] = []
    const isAlive = (lock: {pid: number; processStartedAt: string}) => {
      asked.push([lock.pid, lock.processStartedAt])
      return false
    }

    const lock = await acquire(fakeIdentity({isAlive}))

    expect(asked).toEqual([[100, 'boot:7']])
    expect(await catalog.attempt([dead.fence], [{put: '/guarded', value: ''}])).toBe(false)
    expect(await catalog.attempt([lock.fence], [{put: '/guarded', value: ''}])).not.toBe(false)
    await dead.release()
    expect(await catalog.locks.get(key)).toBeDefined()
  })

  test('a dead holder on another host is waited for', async () => {
    await acquire()

    await expect(acquire(fakeIdentity({host: 'desk', isAlive: () => false}))).rejects.toMatchObject({
      code: 'E_LOCKED',
    })
  })
})

describe('holding a lock', () => {
  test('it is renewed for as long as its holder lives', async () => {
    const lock = await acquire()
    await clock.advance(10 * 60_000)

    expect(lock.lost.aborted).toBe(false)
    await expect(acquire()).rejects.toMatchObject({code: 'E_LOCKED'})
  })

  test('a holder that slept past its time loses it, and its writes are refused', async () => {
    const sleeper = new ManualClock()
    const lock = await acquireLock(catalog, sleeper, fakeIdentity(), {
      name,
      purpose: 'sleep',
      ttlMillis: 30_000,
    })
    await clock.advance(31_000)
    const successor = await acquire()

    expect(await catalog.attempt([lock.fence], [{put: '/guarded', value: ''}])).toBe(false)
    await sleeper.advance(10_000)
    expect(lock.lost.aborted).toBe(true)
    expect(lock.lost.reason).toMatchObject({code: 'E_CONFLICT'})
    await lock.release()
    expect(await catalog.attempt([successor.fence], [{put: '/guarded', value: ''}])).not.toBe(false)
  })

  test('a store that is away for a while costs nothing, one that stays away costs the lock', async () => {
    const lock = await acquire()
    storeIsDown = true
    await clock.advance(20_000)
    storeIsDown = false
    await clock.advance(10_000)
    expect(lock.lost.aborted).toBe(false)

    storeIsDown = true
    await clock.advance(31_000)
    expect(lock.lost.aborted).toBe(true)
  })

  test('a killed holder frees it within 40 s', async () => {
    await acquireLock(catalog, new ManualClock(), fakeIdentity(), {name, purpose: 'be killed'})
    await clock.advance(29_000)
    await expect(acquire()).rejects.toMatchObject({code: 'E_LOCKED'})

    await clock.advance(2_000)
    await acquire()
  })
})

describe('a lock edited by hand', () => {
  test('an unreadable one that nobody keeps alive is replaced', async () => {
    await catalog.store.transact([], [{put: key, value: 'mine!'}])

    await acquire()
    expect((await catalog.locks.get(key))?.record.holder).toBe('ada@laptop')
  })

  test('an unreadable one under a living lease is respected', async () => {
    const lease = await catalog.store.grantLease(30_000)
    await catalog.store.transact([], [{put: key, value: 'mine!', lease}])

    await expect(acquire()).rejects.toMatchObject({
      code: 'E_LOCKED',
      why: expect.stringContaining('is not JSON'),
    })
    await clock.advance(30_001)
    await acquire()
  })
})
