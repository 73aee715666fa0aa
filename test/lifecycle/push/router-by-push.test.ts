import {beforeEach, describe, expect, test} from '@jest/globals'

import {acquireLock} from '../../../src/catalog/locks.js'
import {RouterByPush} from '../../../src/lifecycle/push/router-by-push.js'
import {YardError} from '../../../src/errors.js'
import {ManualClock} from '../../fakes/clock.js'
import {fakeIdentity} from '../../fakes/identity.js'
import {PushWorld} from '../../fakes/push-world.js'
import {SimulatedClock} from '../../fakes/simulated-clock.js'

describe('a deploy that makes its revision live by pushing', () => {
  let clock: SimulatedClock
  let world: PushWorld

  beforeEach(async () => {
    clock = new SimulatedClock()
    world = new PushWorld(clock)
    await world.seed(2)
  })

  const makeLive = async (revision?: number) => {
    const wanted = revision ?? (await world.catalog.store.range('/yard/')).revision
    return new RouterByPush(world.needs()).makeLive('staging', wanted, {timeoutMillis: 10_000})
  }
  const broken = new YardError('E_HOST_UNREACHABLE', {
    what: "Can't reach web-2",
    why: 'it is off',
    next: ['again'],
  })

  test('hears that every host has it', async () => {
    expect(await makeLive()).toMatchObject([
      {host: 'web-1', isLive: true},
      {host: 'web-2', isLive: true},
    ])
  })

  test('hears which host has not, after trying that one again for as long as there is time', async () => {
    world.router('web-2').failure = broken

    expect(await makeLive()).toMatchObject([
      {host: 'web-1', isLive: true},
      {host: 'web-2', isLive: false, problem: "Can't reach web-2: it is off"},
    ])
    expect(world.opened.filter(({host}) => host === 'web-1')).toHaveLength(1)
    expect(world.opened.filter(({host}) => host === 'web-2').length).toBeGreaterThan(5)
    expect(clock.monotonicMillis()).toBeLessThanOrEqual(10_000)
  })

  test('goes on once a host is back', async () => {
    world.router('web-2').failure = broken
    clock.surroundings = async () => {
      if (clock.monotonicMillis() > 2_000) world.router('web-2').failure = undefined
    }

    expect((await makeLive()).map(({isLive}) => isLive)).toEqual([true, true])
  })

  test('waits for a push of somebody else, and says so when that lasts too long', async () => {
    const other = fakeIdentity({holder: 'grace@desk', host: 'desk'})
    const lock = await acquireLock(world.catalog, new ManualClock(), other, {
      name: 'push/staging',
      purpose: 'push',
      ttlMillis: 600_000,
    })
    await expect(makeLive()).rejects.toMatchObject({code: 'E_LOCKED'})

    clock.surroundings = async () => lock.release()
    expect((await makeLive()).map(({isLive}) => isLive)).toEqual([true, true])
  })
})
