import {afterEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {aBinding} from '../../fakes/records.js'
import {
  environment,
  instanceKey,
  instanceWrite,
  portOf,
  routedCatalog,
  serviceWrites,
  wipe,
  writeAll,
} from '../../fakes/routed-world.js'
import {
  endFollowers,
  instancesOf,
  makeFollower,
  makeWorld,
  startFollower,
  told,
  type World,
} from '../../support/followed-world.js'

afterEach(endFollowers)

describe('losses', () => {
  const vanish = async (world: World, keysToDelete: string[]) => {
    await world.memory.transact(
      [],
      keysToDelete.map((key) => ({delete: key})),
    )
    await told(world)
  }

  test('H12 half of the instances vanish at once: they are held, and the hold lifts by itself', async () => {
    const world = await makeWorld({billing: 4, orders: 1})
    const follower = await startFollower(world)
    await world.clock.advance(1_000)
    await vanish(world, [instanceKey('billing', 1), instanceKey('billing', 2)])
    expect(instancesOf(follower.state(), 'billing')).toHaveLength(4)
    expect(follower.state().suspects).toEqual([
      'billing: 2 of 4 instances vanished at 12:00:01 UTC, held until 12:01:01 UTC',
    ])
    expect(follower.state().records).toBe(5)
    await world.clock.advance(55_000)
    expect(instancesOf(follower.state(), 'billing')).toHaveLength(4)

    await world.clock.advance(10_000)
    expect(instancesOf(follower.state(), 'billing')).toEqual(['billing-r1@web-3', 'billing-r1@web-4'])
    expect(follower.state().suspects).toEqual([])
  })

  test('H12 a hold does not lift while the catalog is away', async () => {
    const world = await makeWorld({billing: 4, orders: 1})
    const follower = await startFollower(world)
    await vanish(world, [instanceKey('billing', 1), instanceKey('billing', 2)])
    world.store.isAway = true
    await world.clock.advance(600_000)
    expect(instancesOf(follower.state(), 'billing')).toHaveLength(4)
    world.store.isAway = false
    await world.clock.advance(30_000)
    expect(instancesOf(follower.state(), 'billing')).toHaveLength(2)
  })

  test('H12 what comes back is not suspect any more', async () => {
    const world = await makeWorld({billing: 3})
    const follower = await startFollower(world)
    await vanish(
      world,
      [1, 2, 3].map((host) => instanceKey('billing', host)),
    )
    expect(follower.state().suspects).toHaveLength(1)
    await world.memory.transact(
      [],
      [1, 2, 3].map((host) => instanceWrite(world.catalog, 'billing', host, {weight: 7})),
    )
    await told(world)
    expect(follower.state().suspects).toEqual([])
    expect(follower.state().facts.instances.map(({weight}) => weight)).toEqual([7, 7, 7])
  })

  test.each([{state: 'draining'}, {state: 'down'}, {state: 'disabled'}, {weight: 0}] as const)(
    'H12 what an operator decides for all instances is obeyed at once: %p',
    async (changes) => {
      const world = await makeWorld({billing: 3})
      const follower = await startFollower(world)
      await world.memory.transact(
        [],
        [1, 2, 3].map((host) => instanceWrite(world.catalog, 'billing', host, changes)),
      )
      await told(world)
      for (const instance of follower.state().facts.instances) expect(instance).toMatchObject(changes)
      expect(follower.state().suspects).toEqual([])
      // What was taken out of the traffic before may then be removed.
      if ('state' in changes) {
        await vanish(
          world,
          [1, 2, 3].map((host) => instanceKey('billing', host)),
        )
        expect(instancesOf(follower.state())).toEqual([])
        expect(follower.state().suspects).toEqual([])
      }
    },
  )

  test('H12 a deploy moves the traffic and removes what had it, without suspicion', async () => {
    const world = await makeWorld({billing: 3})
    const {catalog, memory} = world
    const follower = await startFollower(world)
    const hosts = [1, 2, 3]
    await memory.transact(
      [],
      hosts.map((host) =>
        instanceWrite(catalog, 'billing', host, {release: 2, id: `billing-r2@web-${host}`}),
      ),
    )
    const moved = aBinding({service: 'billing', active: 2, previous: 1})
    await memory.transact([], [catalog.bindings.put(keys.binding(environment, 'billing'), moved)])
    await vanish(
      world,
      hosts.map((host) => instanceKey('billing', host)),
    )
    expect(instancesOf(follower.state())).toEqual(hosts.map((host) => `billing-r2@web-${host}`))
    expect(follower.state().suspects).toEqual([])
  })

  test('H12 a catalog that is wiped is not followed, until it is back', async () => {
    const services = Object.fromEntries(Array.from({length: 12}, (_, index) => [`service-${index}`, 3]))
    const world = await makeWorld(services)
    const follower = await startFollower(world)
    await world.clock.advance(1_000)
    await wipe(world.memory)
    await world.clock.advance(600_000)
    const {facts, suspects, records} = follower.state()
    expect(facts.instances).toHaveLength(36)
    expect(facts.services).toHaveLength(12)
    expect(facts.bindings).toHaveLength(12)
    expect(facts.hosts).toHaveLength(1)
    expect(records).toBe(0)
    expect(suspects).toEqual([
      expect.stringMatching(/^the environment staging itself vanished/),
      expect.stringMatching(/^12 services vanished at .* held until back$/),
    ])

    await routedCatalog(services, world.memory)
    await world.clock.advance(90_000)
    expect(follower.state().suspects).toEqual([])
    expect(follower.state().facts.instances).toHaveLength(36)
  })

  test('H12 a catalog that was wiped while the sidecar was away is held, too, also over another start', async () => {
    const world = await makeWorld({billing: 2, orders: 2})
    await startFollower(world)
    await world.clock.advance(2_000)
    endFollowers()
    await wipe(world.memory)

    for (let start = 0; start < 2; start++) {
      const {end, follower, signal} = makeFollower(world)
      const started = follower.start(signal)
      await world.clock.advance(600)
      await started
      expect(instancesOf(follower.state())).toHaveLength(4)
      expect(follower.state().suspects).toHaveLength(3)
      await world.clock.advance(200_000)
      expect(instancesOf(follower.state())).toHaveLength(4)
      end.abort()
    }
  })

  test('H12 what an operator accepts is gone at once', async () => {
    const world = await makeWorld({billing: 2, orders: 2})
    const follower = await startFollower(world)
    await vanish(world, [instanceKey('billing', 1), instanceKey('billing', 2)])
    expect(instancesOf(follower.state(), 'billing')).toHaveLength(2)
    const acceptance = {v: 1 as const, environment, by: 'ada', at: '2026-11-20T12:00:00.000Z'}
    await world.memory.transact(
      [],
      [world.catalog.lossAcceptances.put(keys.lossAcceptance(environment), acceptance)],
    )
    await told(world)
    expect(instancesOf(follower.state(), 'billing')).toEqual([])
    expect(follower.state().suspects).toEqual([])
    // What vanishes later is another loss.
    await vanish(world, [instanceKey('orders', 1), instanceKey('orders', 2)])
    expect(instancesOf(follower.state(), 'orders')).toHaveLength(2)
  })

  test('H12 a service that is removed alone is gone after a minute, with the ways to it', async () => {
    const world = await makeWorld({billing: 2, orders: 2, search: 2})
    const {catalog, memory} = world
    const route = {
      ...{v: 1 as const, environment, host: 'billing.example.org', path: '/', service: 'billing'},
      ...{addedBy: 'ada', addedAt: '2026-11-20T12:00:00.000Z'},
    }
    const routeKey = keys.publicRoute(environment, route.host, route.path)
    await memory.transact([], [catalog.publicRoutes.put(routeKey, route)])
    const follower = await startFollower(world)
    await vanish(world, [
      keys.binding(environment, 'billing'),
      instanceKey('billing', 1),
      instanceKey('billing', 2),
      keys.service('billing'),
      routeKey,
    ])
    await world.clock.advance(30_000)
    expect(instancesOf(follower.state(), 'billing')).toHaveLength(2)
    expect(follower.state().facts.publicRoutes).toHaveLength(1)
    await world.clock.advance(40_000)
    expect(instancesOf(follower.state(), 'billing')).toEqual([])
    expect(follower.state().facts.bindings).toHaveLength(2)
    expect(follower.state().facts.publicRoutes).toEqual([])
    expect(follower.state().suspects).toEqual([])
  })

  test('H12 a service whose instances are gone while it is still registered is held on', async () => {
    const world = await makeWorld({billing: 1, orders: 1})
    const follower = await startFollower(world)
    await vanish(world, [instanceKey('billing', 1)])
    await world.clock.advance(3_600_000)
    expect(instancesOf(follower.state(), 'billing')).toHaveLength(1)
    expect(follower.state().suspects).toEqual([
      'billing: its only instance vanished at 12:00:00 UTC, held until back',
    ])
  })

  test('H12 a held instance whose place another one got is let go: its requests would reach the wrong service', async () => {
    const world = await makeWorld({billing: 2, orders: 1})
    const follower = await startFollower(world)
    await vanish(
      world,
      [1, 2].map((host) => instanceKey('billing', host)),
    )
    const place = {address: '10.0.0.1', port: portOf('billing', 1), state: 'starting'} as const
    await world.memory.transact([], [instanceWrite(world.catalog, 'orders', 9, place)])
    await told(world)
    expect(instancesOf(follower.state(), 'billing')).toEqual(['billing-r1@web-2'])
  })

  test('H12 a jump of the clock lifts nothing', async () => {
    const world = await makeWorld({billing: 4})
    const now = world.clock.now.bind(world.clock)
    const follower = await startFollower(world)
    await vanish(world, [instanceKey('billing', 1), instanceKey('billing', 2)])
    world.clock.now = () => new Date(now().getTime() + 5 * 3_600_000)
    await world.clock.advance(30_000)
    expect(instancesOf(follower.state(), 'billing')).toHaveLength(4)
    world.clock.now = () => new Date(now().getTime() - 5 * 3_600_000)
    await world.clock.advance(40_000)
    expect(instancesOf(follower.state(), 'billing')).toHaveLength(2)
  })

  test('writes of many services come through in their order', async () => {
    const world = await makeWorld({billing: 1})
    const follower = await startFollower(world)
    for (let index = 0; index < 30; index++) {
      await writeAll(world.memory, serviceWrites(world.catalog, `service-${index}`, 3))
    }
    await told(world)
    expect(follower.state().facts.instances).toHaveLength(91)
    expect(follower.state().suspects).toEqual([])
  })
})
