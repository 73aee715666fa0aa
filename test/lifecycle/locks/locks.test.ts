import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {acquireLock} from '../../../src/catalog/locks.js'
import {YardError} from '../../../src/errors.js'
import {breakLock, type LockBreakRequest} from '../../../src/lifecycle/locks/break.js'
import {type ListedLock, listLocks} from '../../../src/lifecycle/locks/list.js'
import {ManualClock} from '../../fakes/clock.js'
import {failureOf} from '../../fakes/failure-of.js'
import {fakeIdentity} from '../../fakes/identity.js'

const name = 'deploy/staging/billing'
const key = keys.lock(name)

let clock: ManualClock
let catalog: Catalog
let asked: ListedLock[]
let agree: () => Promise<void>

beforeEach(() => {
  clock = new ManualClock()
  catalog = new Catalog(new MemoryStore({now: () => clock.now().getTime()}))
  asked = []
  agree = async () => undefined
})

function acquire(changes: Parameters<typeof fakeIdentity>[0] = {}, lockName = name) {
  const request = {name: lockName, purpose: 'deploy billing in staging', ttlMillis: 30_000}
  return acquireLock(catalog, clock, fakeIdentity(changes), request)
}

function breakIt(changes: Partial<LockBreakRequest> = {}) {
  const confirm = async (lock: ListedLock) => {
    asked.push(lock)
    await agree()
  }
  const request = {service: 'billing', environment: 'staging', name: undefined, dryRun: false, ...changes}
  return breakLock({catalog, identity: fakeIdentity(), confirm}, request)
}

describe('listing locks', () => {
  test('tells who holds what, until when, and whether a holder on this machine lives', async () => {
    await acquire({ciUrl: 'https://ci/7'})
    await acquire({host: 'desk'}, 'supervisor/local/desk')
    await clock.advance(4_000)

    const identity = {host: 'laptop', isAlive: () => false}
    const locks = await listLocks({catalog, identity})

    expect(locks).toEqual([
      {
        name,
        lock: expect.objectContaining({
          holder: 'ada@laptop',
          pid: 4711,
          ciUrl: 'https://ci/7',
          ttlMillis: 30_000,
        }),
        expiresInMillis: 26_000,
        isAlive: false,
      },
      {name: 'supervisor/local/desk', lock: expect.objectContaining({host: 'desk'}), expiresInMillis: 26_000},
    ])
  })

  test('lists a record that can not be trusted, because it keeps others out, too', async () => {
    await catalog.store.transact([], [{put: key, value: 'mine!'}])

    expect(await listLocks({catalog, identity: fakeIdentity()})).toEqual([{name, bad: 'is not JSON'}])
  })
})

describe('breaking a lock', () => {
  test('refuses the next guarded write of its holder, and tells the holder', async () => {
    const lock = await acquire()

    expect(await breakIt()).toMatchObject({dryRun: false, lock: {name, lock: {holder: 'ada@laptop'}}})

    expect(asked).toMatchObject([{name, isAlive: true}])
    expect(await catalog.attempt([lock.fence], [{put: '/guarded', value: ''}])).toBe(false)
    await clock.advance(10_001)
    expect(lock.lost.aborted).toBe(true)
    await acquire({holder: 'bob@laptop'})
  })

  test('leaves the successor alone when the old holder gives back what it lost', async () => {
    const lock = await acquire()
    await breakIt()
    const successor = await acquire({holder: 'bob@laptop'})
    await lock.release()

    expect(await catalog.attempt([successor.fence], [{put: '/guarded', value: ''}])).not.toBe(false)
  })

  test('works on any lock by its full name, and on one that can not be trusted', async () => {
    await catalog.store.transact([], [{put: keys.lock('odd name\n'), value: '{}'}])

    await breakIt({service: undefined, name: 'odd name\n'})

    expect(await catalog.store.get(keys.lock('odd name\n'))).toBeUndefined()
  })

  test('as a dry run changes and asks nothing', async () => {
    const lock = await acquire()

    expect(await breakIt({dryRun: true})).toMatchObject({dryRun: true, lock: {name}})

    expect(asked).toEqual([])
    expect(await catalog.attempt([lock.fence], [{put: '/guarded', value: ''}])).not.toBe(false)
  })

  test('does nothing without an agreement', async () => {
    await acquire()
    agree = async () => {
      throw new YardError('E_NOT_CONFIRMED', {what: 'x', why: 'y', next: ['z']})
    }

    expect(await failureOf(breakIt())).toMatchObject({code: 'E_NOT_CONFIRMED'})
    expect(await catalog.store.get(key)).toBeDefined()
  })

  test('spares a lock that changed hands while the person was asked', async () => {
    const lock = await acquire()
    agree = async () => {
      await lock.release()
      await acquire({holder: 'bob@laptop'})
    }

    expect(await failureOf(breakIt())).toMatchObject({code: 'E_CONFLICT'})
    expect((await catalog.locks.get(key))?.record.holder).toBe('bob@laptop')
  })

  test('of what nobody holds says what there is', async () => {
    expect(await failureOf(breakIt())).toMatchObject({code: 'E_LOCK_UNKNOWN', why: 'nobody holds any lock'})
    await acquire({}, 'supervisor/local/localhost')
    expect(await failureOf(breakIt())).toMatchObject({
      code: 'E_LOCK_UNKNOWN',
      exitCode: 2,
      why: 'those that are held are "supervisor/local/localhost"',
    })
    await acquire()
    expect(await failureOf(breakIt({service: 'biling'}))).toMatchObject({
      why: 'did you mean "deploy/staging/billing"?',
    })
  })

  test.each([
    [{service: undefined}, 'E_USAGE'],
    [{name}, 'E_USAGE'],
    [{service: '../x'}, 'E_NAME_INVALID'],
    [{environment: 'a/b'}, 'E_NAME_INVALID'],
  ])('refuses %j', async (request, code) => {
    expect(await failureOf(breakIt(request))).toMatchObject({code})
  })
})
