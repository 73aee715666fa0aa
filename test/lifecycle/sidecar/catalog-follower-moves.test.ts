import {afterEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {type Write} from '../../../src/contracts/store.js'
import {type FollowedState} from '../../../src/lifecycle/sidecar/followed-state.js'
import {routingModel} from '../../../src/domain/routing-model.js'
import {aBinding} from '../../fakes/records.js'
import {environment, instanceKey, instanceWrite, portOf} from '../../fakes/routed-world.js'
import {
  endFollowers,
  makeFollower,
  makeWorld,
  startFollower,
  told,
  type World,
} from '../../support/followed-world.js'

afterEach(endFollowers)

const hosts = [1, 2, 3]
const allUp = hosts.map((host) => `${portOf('billing', host)} up`)
const allGone = hosts.map((host): Write => ({delete: instanceKey('billing', host)}))
const heldLine =
  'billing: its traffic was moved at 12:00:00 UTC to release 7, which has no instance that is up; 3 instances keep it until it has one'

function moved({catalog}: World, active: number): Write {
  return catalog.bindings.put(keys.binding(environment, 'billing'), aBinding({service: 'billing', active}))
}

function ofRelease({catalog}: World, release: number): Write[] {
  return hosts.map((host) =>
    instanceWrite(catalog, 'billing', host, {
      ...{release, id: `billing-r${release}@web-${host}`, port: portOf('billing', host) + 10},
    }),
  )
}

async function write(world: World, writes: Write[]): Promise<void> {
  await world.memory.transact([], writes)
  await told(world)
}

/** What HAProxy is told of a service. */
function serversOf({facts}: FollowedState, service = 'billing'): string[] {
  const routed = routingModel(facts).services.find(({name}) => name === service)
  return (routed?.servers ?? []).map(({port, state}) => `${port} ${state}`).sort()
}

describe('traffic that is moved to a release without instances', () => {
  test('H12 deleting all instances and moving the binding in one step, as an older copy of the catalog does, is held', async () => {
    const world = await makeWorld({billing: 3, orders: 3})
    const follower = await startFollower(world)
    await write(world, [...allGone, moved(world, 7)])
    expect(serversOf(follower.state())).toEqual(allUp)
    expect(follower.state().suspects).toEqual([heldLine])
    await world.clock.advance(600_000)
    expect(serversOf(follower.state())).toEqual(allUp)
    expect(follower.state().suspects).toEqual([heldLine])
  })

  test('H12 moving the binding alone is held, and lifted when the release gets an instance', async () => {
    const world = await makeWorld({billing: 3, orders: 3})
    const follower = await startFollower(world)
    await write(world, [moved(world, 7)])
    expect(serversOf(follower.state())).toEqual(allUp)
    await world.clock.advance(200_000)
    expect(serversOf(follower.state())).toEqual(allUp)
    expect(follower.state().suspects).toEqual([heldLine])

    await write(world, ofRelease(world, 7))
    expect(follower.state().facts.bindings.find(({service}) => service === 'billing')?.active).toBe(7)
    expect(serversOf(follower.state()).filter((server) => server.endsWith(' up'))).toHaveLength(3)
    expect(serversOf(follower.state()).filter((server) => server.endsWith(' draining'))).toHaveLength(3)
    expect(follower.state().suspects).toEqual([])
  })

  test.each([
    ['the binding first', (world: World) => [[moved(world, 7)], allGone]],
    ['the instances first', (world: World) => [allGone, [moved(world, 7)]]],
    [
      'the binding gone, then there again with another release',
      (world: World) => [[...allGone, {delete: keys.binding(environment, 'billing')}], [moved(world, 7)]],
    ],
    [
      'the binding first, then all that is left of it',
      (world: World) => [
        [moved(world, 7)],
        [...allGone, {delete: keys.binding(environment, 'billing')}, {delete: keys.service('billing')}],
      ],
    ],
    ['from one to the next', (world: World) => [[moved(world, 7)], [moved(world, 8)], allGone]],
  ])('H12 the same in steps: %s', async (_, steps) => {
    const world = await makeWorld({billing: 3, orders: 3})
    const follower = await startFollower(world)
    for (const step of steps(world)) {
      await write(world, step)
      expect(serversOf(follower.state())).toEqual(allUp)
    }
    await world.clock.advance(30_000)
    expect(serversOf(follower.state())).toEqual(allUp)
    expect(follower.state().suspects).toHaveLength(1)
  })

  test('H12 it is held over another start, and when it is seen only then', async () => {
    const world = await makeWorld({billing: 3, orders: 3})
    await startFollower(world)
    await world.clock.advance(2_000)
    endFollowers()
    await world.memory.transact([], [...allGone, moved(world, 7)])
    for (let start = 0; start < 2; start++) {
      const {end, follower, signal} = makeFollower(world)
      const started = follower.start(signal)
      await world.clock.advance(600)
      await started
      await world.clock.advance(200_000)
      expect(serversOf(follower.state())).toEqual(allUp)
      expect(follower.state().suspects).toHaveLength(1)
      end.abort()
    }
  })

  test('H12 it ends when the records are back, or an operator accepts it', async () => {
    const world = await makeWorld({billing: 3, orders: 3})
    const follower = await startFollower(world)
    await write(world, [...allGone, moved(world, 7)])
    await write(world, [
      ...hosts.map((host) => instanceWrite(world.catalog, 'billing', host)),
      moved(world, 1),
    ])
    expect(follower.state().suspects).toEqual([])
    expect(serversOf(follower.state())).toEqual(allUp)

    await write(world, [...allGone, moved(world, 7)])
    expect(serversOf(follower.state())).toEqual(allUp)
    const acceptance = {v: 1 as const, environment, by: 'ada', at: '2026-11-20T12:00:00.000Z'}
    await write(world, [world.catalog.lossAcceptances.put(keys.lossAcceptance(environment), acceptance)])
    expect(serversOf(follower.state())).toEqual([])
    expect(follower.state().suspects).toEqual([])
  })

  test('H12 what an operator decides for the instances that are held is obeyed at once', async () => {
    const world = await makeWorld({billing: 3, orders: 3})
    const follower = await startFollower(world)
    await write(world, [moved(world, 7)])
    await write(
      world,
      hosts.map((host) => instanceWrite(world.catalog, 'billing', host, {state: 'draining'})),
    )
    expect(serversOf(follower.state())).toEqual(allUp.map((server) => server.replace('up', 'draining')))
    await write(world, allGone)
    expect(serversOf(follower.state())).toEqual([])
    await world.clock.advance(130_000)
    expect(follower.state().suspects).toEqual([])
    expect(follower.state().facts.bindings.find(({service}) => service === 'billing')?.active).toBe(7)
  })

  test('H12 a deploy is no loss at any of its steps, nor when it is put back or seen as a whole', async () => {
    const world = await makeWorld({billing: 3, orders: 3})
    const {catalog} = world
    const follower = await startFollower(world)
    const asBefore = (state: 'draining' | 'down' | 'up') =>
      hosts.map((host) => instanceWrite(catalog, 'billing', host, {state}))
    const deploy = [
      [...ofRelease(world, 2), moved(world, 2)],
      asBefore('draining'),
      // Put back: the traffic returns, and what was new leaves.
      [moved(world, 1), ...asBefore('up')],
      [moved(world, 2), ...asBefore('draining')],
      asBefore('down'),
      allGone,
    ]
    for (const step of deploy) {
      await write(world, step)
      expect(follower.state().suspects).toEqual([])
    }
    expect(serversOf(follower.state())).toHaveLength(3)
    world.store.isAway = true
    await world.memory.transact([], [...ofRelease(world, 3), moved(world, 3)])
    await world.memory.transact(
      [],
      hosts.map((host): Write => ({delete: instanceKey('billing', host, 2)})),
    )
    world.store.isAway = false
    await world.clock.advance(60_000)
    expect(follower.state().suspects).toEqual([])
    expect(follower.state().facts.instances.filter(({release}) => release === 3)).toHaveLength(3)
  })

  test('H12 a first deploy that is put back leaves no binding, and nothing is held', async () => {
    const world = await makeWorld({billing: 3, orders: 3})
    const follower = await startFollower(world)
    const leaving = hosts.map((host) => instanceWrite(world.catalog, 'billing', host, {state: 'draining'}))
    await write(world, [{delete: keys.binding(environment, 'billing')}, ...leaving])
    expect(follower.state().suspects).toEqual([])
    await write(world, allGone)
    expect(follower.state().suspects).toEqual([])
    expect(serversOf(follower.state())).toEqual([])
  })
})
