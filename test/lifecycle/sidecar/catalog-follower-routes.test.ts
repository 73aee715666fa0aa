import {afterEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {type Write} from '../../../src/contracts/store.js'
import {environment} from '../../fakes/routed-world.js'
import {
  endFollowers,
  makeFollower,
  makeWorld,
  startFollower,
  told,
  type World,
} from '../../support/followed-world.js'

afterEach(endFollowers)

const host = (number: number) => `shop-${number}.example.org`
const added = {addedBy: 'ada', addedAt: '2026-11-20T12:00:00.000Z'}

function put({catalog}: World, number: number): Write {
  const route = {v: 1 as const, environment, host: host(number), path: '/', service: 'billing', ...added}
  return catalog.publicRoutes.put(keys.publicRoute(environment, route.host, '/'), route)
}

function remove(from: number, to: number): Write[] {
  return Array.from({length: to - from + 1}, (_, index) => ({
    delete: keys.publicRoute(environment, host(from + index), '/'),
  }))
}

async function write(world: World, writes: Write[]): Promise<void> {
  await world.memory.transact([], writes)
  await told(world)
}

async function worldWithRoutes(count: number): Promise<World> {
  const world = await makeWorld({billing: 2})
  await world.memory.transact(
    [],
    Array.from({length: count}, (_, index) => put(world, index + 1)),
  )
  return world
}

describe('public routes', () => {
  test('H12 all of them vanish at once: they are held until they are back or somebody accepts it', async () => {
    const world = await worldWithRoutes(20)
    const follower = await startFollower(world)
    await write(world, remove(1, 20))
    expect(follower.state().facts.publicRoutes).toHaveLength(20)
    const line = 'public routes: 20 of 20 vanished at 12:00:00 UTC, held until back'
    expect(follower.state().suspects).toEqual([line])
    await world.clock.advance(600_000)
    expect(follower.state().facts.publicRoutes).toHaveLength(20)
    const acceptance = {v: 1 as const, environment, by: 'ada', at: '2026-11-20T12:00:00.000Z'}
    await write(world, [world.catalog.lossAcceptances.put(keys.lossAcceptance(environment), acceptance)])
    expect(follower.state().facts.publicRoutes).toEqual([])
    expect(follower.state().suspects).toEqual([])
  })

  test('H12 many of them are held for a minute, also over another start', async () => {
    const world = await worldWithRoutes(20)
    const first = await startFollower(world)
    await write(world, remove(1, 4))
    expect(first.state().facts.publicRoutes).toHaveLength(20)
    expect(first.state().suspects).toEqual([
      'public routes: 4 of 20 vanished at 12:00:00 UTC, held until 12:01:00 UTC',
    ])
    await world.clock.advance(2_000)
    endFollowers()
    const {follower, signal} = makeFollower(world)
    await Promise.all([follower.start(signal), world.clock.advance(600)])
    await world.clock.advance(40_000)
    expect(follower.state().facts.publicRoutes).toHaveLength(20)
    await world.clock.advance(60_000)
    expect(follower.state().facts.publicRoutes).toHaveLength(16)
    expect(follower.state().suspects).toEqual([])
  })

  test('H12 one or two go at once, however few there are; one that comes back is not held', async () => {
    const world = await worldWithRoutes(4)
    const follower = await startFollower(world)
    await write(world, remove(1, 2))
    expect(follower.state().facts.publicRoutes).toHaveLength(2)
    expect(follower.state().suspects).toEqual([])
    await write(world, remove(3, 4))
    expect(follower.state().facts.publicRoutes).toHaveLength(2)
    await write(world, [put(world, 3), put(world, 4)])
    expect(follower.state().facts.publicRoutes).toHaveLength(2)
    expect(follower.state().suspects).toEqual([])
  })
})
