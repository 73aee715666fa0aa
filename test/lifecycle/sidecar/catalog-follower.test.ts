import {afterEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {type WatchBatch} from '../../../src/contracts/store.js'
import {aBinding, aRelease} from '../../fakes/records.js'
import {environment, instanceKey, instanceWrite, serviceWrites} from '../../fakes/routed-world.js'
import {endFollowers, instancesOf, makeWorld, startFollower, told} from '../../support/followed-world.js'

afterEach(endFollowers)

describe('the catalog as a sidecar follows it', () => {
  test('knows at the start all that routing needs', async () => {
    const world = await makeWorld({billing: 2, orders: 1})
    const state = (await startFollower(world)).state()

    expect(instancesOf(state)).toEqual(['billing-r1@web-1', 'billing-r1@web-2', 'orders-r1@web-1'])
    expect(state.facts.services.map(({name}) => name)).toEqual(['billing', 'orders'])
    expect(state.facts.bindings).toHaveLength(2)
    expect([...(state.facts.releases?.keys() ?? [])].sort()).toEqual(['billing-r1', 'orders-r1'])
    expect(state.facts.environment.name).toBe(environment)
    expect(state.facts.hosts?.map(({name}) => name)).toEqual(['web-1'])
    expect(state).toMatchObject({
      records: 5,
      bad: [],
      suspects: [],
      staleSince: undefined,
      problem: undefined,
    })
    expect(state.revision).toBe((await world.memory.range('/')).revision)
  })

  test('a change is told to those who wait, with its revision', async () => {
    const world = await makeWorld({billing: 1})
    const follower = await startFollower(world)
    const before = follower.state()
    const waiting = follower.changedSince(before, new AbortController().signal)
    const {revision} = await world.memory.transact([], [instanceWrite(world.catalog, 'billing', 2)])
    await waiting

    expect(follower.state().revision).toBe(revision)
    expect(instancesOf(follower.state())).toEqual(['billing-r1@web-1', 'billing-r1@web-2'])
    expect(instancesOf(before)).toEqual(['billing-r1@web-1'])
  })

  test('who asks about a state that is old already need not wait', async () => {
    const world = await makeWorld({billing: 1})
    const follower = await startFollower(world)
    const before = follower.state()
    await world.memory.transact([], [instanceWrite(world.catalog, 'billing', 2)])
    await told(world)

    await follower.changedSince(before, new AbortController().signal)
    const stop = new AbortController()
    const waiting = follower.changedSince(follower.state(), stop.signal)
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })

  test('a binding is told only with the release that it names', async () => {
    const world = await makeWorld({billing: 1})
    const follower = await startFollower(world)
    const release = aRelease({service: 'billing', environment, number: 2, variables: {PASSWORD: 'x'}})
    await world.memory.transact(
      [],
      [
        world.catalog.releases.put(keys.release('billing', 2), release),
        world.catalog.bindings.put(
          keys.binding(environment, 'billing'),
          aBinding({service: 'billing', active: 2}),
        ),
        instanceWrite(world.catalog, 'billing', 1, {release: 2, id: 'billing-r2@web-1'}),
      ],
    )
    await told(world)

    const {facts} = follower.state()
    expect(facts.bindings[0]?.active).toBe(2)
    expect(facts.releases?.get('billing-r2')).toMatchObject({number: 2, variables: {}})
  })

  test('a change of a service alone is part of the revision soon, although the routing itself says nothing', async () => {
    const world = await makeWorld({billing: 1})
    const follower = await startFollower(world)
    const [service] = serviceWrites(world.catalog, 'search', 0)
    const {revision} = await world.memory.transact([], [service!])
    await told(world)
    expect(follower.state().facts.services.map(({name}) => name)).toEqual(['billing', 'search'])
    expect(follower.state().revision).toBeLessThan(revision)

    await world.clock.advance(15_000)
    expect(follower.state().revision).toBe(revision)
  })

  test('what a watch did not bring is found by the next list, counted, and the watch is begun anew', async () => {
    const world = await makeWorld({billing: 3})
    const follower = await startFollower(world)
    world.store.spoilBatch = (batch) => (batch.kind === 'changes' ? undefined : batch)
    await world.memory.transact([], [instanceWrite(world.catalog, 'billing', 1, {state: 'draining'})])
    await told(world)
    expect(follower.state().facts.instances.every(({state}) => state === 'up')).toBe(true)

    await world.clock.advance(90_000)
    expect(follower.state().facts.instances.filter(({state}) => state === 'draining')).toHaveLength(1)
    expect(world.events).toContainEqual({
      kind: 'warning',
      text: 'a watch of the catalog missed a record: it is begun anew',
    })
  })

  test('a watch that goes back in time changes nothing', async () => {
    const world = await makeWorld({billing: 1})
    const follower = await startFollower(world)
    const seen: WatchBatch[] = []
    world.store.spoilBatch = (batch) => {
      seen.push(batch)
      return seen.length === 3 ? seen[0] : batch
    }
    for (const weight of [1, 2]) {
      await world.memory.transact([], [instanceWrite(world.catalog, 'billing', 1, {weight})])
      await told(world)
    }
    await world.memory.transact([], [instanceWrite(world.catalog, 'billing', 2)])
    await told(world)
    expect(seen).toHaveLength(3)
    expect(follower.state().facts.instances.map(({weight}) => weight)).toEqual([2])
  })

  test('an idle sidecar asks for little', async () => {
    const world = await makeWorld({billing: 3})
    await startFollower(world)
    await world.clock.advance(5_000)
    world.store.requests = 0
    await world.clock.advance(600_000)
    expect(world.store.requests).toBeLessThanOrEqual(120)
  })
})

describe('bad records', () => {
  test('H9 a record that turned bad is followed in its last good version and named; others go on', async () => {
    const world = await makeWorld({billing: 2, orders: 1})
    const follower = await startFollower(world)
    const key = instanceKey('billing', 1)
    for (const value of [
      '{',
      '{"v":2}',
      '{"__proto__":{"v":1}}',
      `"${'x'.repeat(1_000_000)}"`,
      '[]',
      'null',
    ]) {
      await world.memory.transact([], [{put: key, value}, instanceWrite(world.catalog, 'orders', 2)])
      await told(world)
      const state = follower.state()
      expect(state.bad.map((bad) => bad.key)).toEqual([key])
      expect(instancesOf(state, 'billing')).toEqual(['billing-r1@web-1', 'billing-r1@web-2'])
      expect(instancesOf(state, 'orders')).toEqual(['orders-r1@web-1', 'orders-r1@web-2'])
      expect(state.suspects).toEqual([])
      expect(state.records).toBe(6)
      await world.memory.transact([], [{delete: instanceKey('orders', 2)}])
    }
    await world.memory.transact([], [instanceWrite(world.catalog, 'billing', 1, {state: 'draining'})])
    await told(world)
    expect(follower.state().bad).toEqual([])
    expect(follower.state().facts.instances.find(({host}) => host === 'web-1')?.state).toBe('draining')
  })

  test('H9 a bad record without a good version is left out and named, until it is deleted', async () => {
    const world = await makeWorld({billing: 1})
    const key = instanceKey('billing', 7)
    const stranger = `${keys.routed(environment)}else/\u001b[31m`
    const impostor = `${keys.bindings(environment)}x/rt/bind/billing`
    const binding = JSON.stringify(aBinding({service: 'billing', active: 9}))
    await world.memory.transact(
      [],
      [
        {put: key, value: JSON.stringify({v: 1, port: 0})},
        {put: stranger, value: '{}'},
        {put: impostor, value: binding},
      ],
    )
    const follower = await startFollower(world)
    expect(follower.state().bad.map((bad) => bad.key)).toEqual([impostor, stranger, key].sort())
    expect(instancesOf(follower.state())).toEqual(['billing-r1@web-1'])
    expect(follower.state().facts.bindings).toHaveLength(1)

    await world.memory.transact([], [{delete: key}, {delete: stranger}, {delete: impostor}])
    await told(world)
    expect(follower.state().bad).toEqual([])
  })

  test('H9 a bad environment record is followed in its last good version', async () => {
    const world = await makeWorld({billing: 1})
    const follower = await startFollower(world)
    await world.memory.transact([], [{put: keys.environment(environment), value: '{"v":9}'}])
    await world.clock.advance(90_000)
    expect(follower.state().facts.environment.router.port).toBe(7070)
    expect(follower.state().bad.map(({key}) => key)).toEqual([keys.environment(environment)])
  })
})
