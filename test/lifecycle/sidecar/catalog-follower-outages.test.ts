import {afterEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {keys} from '../../../src/catalog/keys.js'
import {type CatalogFollower} from '../../../src/lifecycle/sidecar/catalog-follower.js'
import {MemoryFiles} from '../../fakes/files.js'
import {environment, instanceWrite, routedCatalog, wipe} from '../../fakes/routed-world.js'
import {
  endFollowers,
  instancesOf,
  makeFollower,
  makeWorld,
  startFollower,
  stateFile,
} from '../../support/followed-world.js'

afterEach(endFollowers)

describe('without the catalog', () => {
  test('H11 a start with the catalog away goes on from the saved state, and says how old it is', async () => {
    const world = await makeWorld({billing: 2})
    await startFollower(world)
    await world.clock.advance(2_000)
    endFollowers()
    world.store.isAway = true
    await world.clock.advance(3_600_000)

    const {follower, signal} = makeFollower(world)
    const started = follower.start(signal)
    await world.clock.advance(600)
    await started
    const state = follower.state()
    expect(instancesOf(state)).toEqual(['billing-r1@web-1', 'billing-r1@web-2'])
    expect(state.facts.releases?.has('billing-r1')).toBe(true)
    expect(state.staleSince).toMatch(/^2026-11-20T12:00:0/)
    expect(state.problem).toBe('nothing answers')

    world.store.isAway = false
    await world.memory.transact([], [instanceWrite(world.catalog, 'billing', 3)])
    await world.clock.advance(20_000)
    expect(follower.state()).toMatchObject({staleSince: undefined, problem: undefined})
    expect(instancesOf(follower.state())).toHaveLength(3)
  })

  test('H11 a start without a saved state waits for the catalog, and stops when told to', async () => {
    const world = await makeWorld({billing: 1})
    world.store.isAway = true
    const {end, follower, signal} = makeFollower(world)
    let isStarted = false
    const started = follower.start(signal).then(() => (isStarted = true))
    await world.clock.advance(120_000)
    expect(isStarted).toBe(false)
    expect(() => follower.state()).toThrow('no state yet')
    world.store.isAway = false
    await world.clock.advance(20_000)
    await started
    expect(instancesOf(follower.state())).toHaveLength(1)
    end.abort()

    world.store.isAway = true
    const other = makeFollower({...world, files: new MemoryFiles()})
    const waiting = other.follower.start(other.signal)
    other.end.abort(new Error('stopped'))
    await expect(waiting).rejects.toThrow('stopped')
  })

  test('H11 an outage changes nothing but what is said of it', async () => {
    const world = await makeWorld({billing: 2})
    const follower = await startFollower(world)
    await world.clock.advance(5_000)
    world.store.isAway = true
    await world.clock.advance(600_000)
    expect(instancesOf(follower.state())).toHaveLength(2)
    expect(follower.state()).toMatchObject({problem: 'nothing answers'})
    expect(follower.state().staleSince).toMatch(/^2026-11-20T12:00:0/)

    world.memory.compact()
    await world.memory.transact([], [instanceWrite(world.catalog, 'billing', 3)])
    world.store.isAway = false
    await world.clock.advance(20_000)
    expect(follower.state().staleSince).toBeUndefined()
    expect(instancesOf(follower.state())).toHaveLength(3)
  })

  test.each([
    ['cut short', (text: string) => text.slice(0, -10)],
    ['changed', (text: string) => text.replace('10.0.0.1', '10.6.6.6')],
    [
      'of another environment',
      (text: string) => text.replace('"environment":"staging"', '"environment":"other"'),
    ],
    ['of a newer yard', (text: string) => text.replace('{"v":1', '{"v":2')],
    ['no text of a sidecar', () => '\u0000\u0001'],
    ['empty', () => ''],
  ])('H11 a saved state that is %s is not used, and that is told', async (_, spoil) => {
    const world = await makeWorld({billing: 2})
    await startFollower(world)
    await world.clock.advance(2_000)
    endFollowers()
    world.files.contents.set(stateFile, spoil(world.files.contents.get(stateFile) ?? ''))
    await wipe(world.memory, keys.routed(environment))

    const follower = await startFollower(world)
    expect(instancesOf(follower.state())).toEqual([])
    expect(JSON.stringify(world.events)).toContain('is not used')
  })

  test('a full disk does not stop the routing, and the state is saved when there is room again', async () => {
    const world = await makeWorld({billing: 1})
    const write = world.files.writeText.bind(world.files)
    world.files.writeText = () => Promise.reject(new Error('no space is left'))
    const follower = await startFollower(world)
    await world.memory.transact([], [instanceWrite(world.catalog, 'billing', 2)])
    await world.clock.advance(30_000)
    expect(instancesOf(follower.state())).toHaveLength(2)
    expect(world.events.filter(({kind}) => kind === 'warning')).toHaveLength(1)

    world.files.writeText = write
    await world.clock.advance(20_000)
    expect(world.files.contents.get(stateFile)).toContain('billing-r1@web-2')
  })

  test('H11 hundreds of sidecars do not come back at the same moment', async () => {
    const world = await makeWorld({billing: 1})
    const lists: number[] = []
    const followers: CatalogFollower[] = []
    for (let index = 0; index < 200; index++) {
      const {follower, signal} = makeFollower({...world, files: new MemoryFiles()}, Math.random)
      await follower.start(signal)
      followers.push(follower)
    }
    await world.clock.advance(5_000)
    world.store.isAway = true
    await world.clock.advance(120_000)
    world.store.onList = (prefix) => {
      if (prefix === keys.services && !world.store.isAway) lists.push(world.clock.monotonicMillis())
    }
    world.store.isAway = false
    const back = world.clock.monotonicMillis()
    await world.clock.advance(25_000)

    const after = lists.map((at) => at - back).sort((left, right) => left - right)
    expect(after.length).toBeGreaterThanOrEqual(200)
    expect(after[199]! - after[0]!).toBeGreaterThan(10_000)
    const densest = Math.max(
      ...after.map((at) => after.filter((other) => other >= at && other < at + 1_000).length),
    )
    expect(densest).toBeLessThan(60)
    expect(followers.every((follower) => follower.state().staleSince === undefined)).toBe(true)
  })

  test('H11 an older state of the store becomes the truth, through the guard, and is told', async () => {
    const world = await makeWorld({billing: 2, orders: 2})
    for (let round = 0; round < 20; round++) {
      await world.memory.transact([], [instanceWrite(world.catalog, 'orders', 1, {weight: round})])
    }
    const follower = await startFollower(world)
    await world.clock.advance(1_000)
    const older = new MemoryStore()
    await routedCatalog({billing: 2, search: 1}, older)
    world.store.inner = older
    await world.memory.close()
    await world.clock.advance(20_000)

    expect(follower.state().revision).toBe((await older.range('/')).revision)
    expect(instancesOf(follower.state(), 'search')).toHaveLength(1)
    expect(instancesOf(follower.state(), 'orders')).toHaveLength(2)
    expect(follower.state().suspects.join()).toContain('orders: all 2 instances vanished')
    expect(JSON.stringify(world.events)).toContain('the catalog was replaced')
  })

  test('a list that is behind the store itself is not believed', async () => {
    const world = await makeWorld({billing: 2})
    const follower = await startFollower(world)
    await world.clock.advance(1_000)
    world.store.spoilRange = (range) => ({entries: [], revision: range.revision - 1})
    await world.clock.advance(90_000)
    expect(instancesOf(follower.state())).toHaveLength(2)
    expect(follower.state().problem).toBe('what answers is behind the others')
    world.store.spoilRange = (range) => range
    await world.clock.advance(60_000)
    expect(follower.state().problem).toBeUndefined()
    expect(follower.state().suspects).toEqual([])
  })
})
