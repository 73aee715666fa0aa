import {beforeEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {acquireLock} from '../../../src/catalog/locks.js'
import {removeHost, type RemoveHostNeeds} from '../../../src/lifecycle/hosts/remove.js'
import {YardError} from '../../../src/errors.js'
import {failureOf} from '../../fakes/failure-of.js'
import {fleetName, type FleetWorld} from '../../fakes/fleet-world.js'
import {fakeIdentity} from '../../fakes/identity.js'
import {liveFleet} from '../../fakes/live-fleet.js'

describe('removing a host on which instances run', () => {
  let world: FleetWorld

  beforeEach(async () => {
    world = await liveFleet(3)
  })

  const remove = (changes: Partial<RemoveHostNeeds> = {}) => {
    const needs = {...world.needs(), confirmProtected: async () => undefined, ...changes}
    const request = {environment: fleetName, host: 'h2', drain: true, platform: undefined, dryRun: false}
    return removeHost(needs, request)
  }
  const warnings = () => world.events.flatMap((event) => (event.kind === 'warning' ? [event.text] : []))
  const isThere = async () => (await world.catalog.hosts.get(keys.host(fleetName, 'h2'))) !== undefined
  const portsThere = async () => (await world.catalog.store.range(keys.ports(fleetName, 'h2'))).entries

  test('takes the traffic from them everywhere, ends them there, and leaves the others alone', async () => {
    const report = await remove()

    expect(report).toEqual({host: 'h2', environment: fleetName, dryRun: false, instances: ['hello-r1@h2']})
    expect(world.running()).toEqual(['h1: hello-r1@h1', 'h2: ', 'h3: hello-r1@h3'])
    expect(world.traffic.routed).toEqual(['h1:1 h3:1'])
    expect((await world.fleetInstances()).map(({id}) => id)).toEqual(['hello-r1@h1', 'hello-r1@h3'])
    expect([await isThere(), await portsThere(), warnings()]).toEqual([false, [], []])
    expect((await world.catalog.locks.list(keys.locks)).records).toEqual([])
  })

  test('ends them only when they have finished what they had', async () => {
    const machine = world.machine('h2')
    world.traffic.busyUntil.set('hello-r1@h2', world.clock.monotonicMillis() + 4_000)
    const stop = machine.stop.bind(machine)
    let endedAt = 0
    const begun = world.clock.monotonicMillis()
    machine.stop = (request) => {
      endedAt = world.clock.monotonicMillis()
      return stop(request)
    }

    await remove()

    expect(endedAt - begun).toBeGreaterThanOrEqual(4_000)
    expect(endedAt - begun).toBeLessThan(6_000)
  })

  test('keeps it, drained, while one does not end, and removes it the next time', async () => {
    const why = 'hello-r1 does not end'
    world
      .machine('h2')
      .failures.set('stop', new YardError('E_STEP_FAILED', {what: 'A step failed', why, next: ['yard ps']}))

    expect(await failureOf(remove())).toMatchObject({
      code: 'E_HOST_IN_USE',
      exitCode: 3,
      why: expect.stringContaining(why),
      next: [expect.stringContaining('yard hosts remove h2 --env staging --drain'), expect.anything()],
    })
    expect(await isThere()).toBe(true)
    expect(await world.catalog.hostDrains.get(keys.hostDrain(fleetName, 'h2'))).toBeDefined()

    expect((await remove()).instances).toEqual(['hello-r1@h2'])
    expect(await isThere()).toBe(false)
  })

  test('forgets what a machine had that can not be reached, waits for nothing there, and says so', async () => {
    world.machine('h2').away = 'nothing listens there'

    const report = await remove()

    expect([report.instances, report.forgotten]).toEqual([[], ['hello-r1@h2']])
    expect(world.traffic.notAwaited.at(-1)).toEqual(['h2'])
    expect(warnings()).toEqual([
      "h2 can't be asked (nothing listens there): what still runs there of hello-r1@h2 has to be ended there",
    ])
    expect(await isThere()).toBe(false)
  })

  test('names other hosts that do not hear of it', async () => {
    world.traffic.behind.set('h3', 'it refuses')

    await remove()

    expect(warnings()).toContain("h3 doesn't follow the catalog: it refuses")
  })

  test('is refused while the service is deployed, and nothing is ended', async () => {
    const other = fakeIdentity({pid: 1})
    const lock = {name: `deploy/${fleetName}/hello`, purpose: 'deploy hello to staging'}
    const held = await acquireLock(world.catalog, world.clock, other, lock)

    expect((await failureOf(remove())).code).toBe('E_LOCKED')
    expect(world.running()[1]).toBe('h2: hello-r1@h2')
    await held.release()
  })

  test('can be interrupted, and is done by the next run', async () => {
    world.traffic.busyUntil.set('hello-r1@h2', Infinity)
    const stop = new AbortController()
    const idle = world.traffic.idle.bind(world.traffic)
    world.traffic.idle = (instances) => {
      stop.abort(new Error('interrupted'))
      return idle(instances)
    }

    await expect(remove({signal: stop.signal})).rejects.toThrow('interrupted')
    expect([await isThere(), world.running()[1]]).toEqual([true, 'h2: hello-r1@h2'])
    expect((await world.catalog.locks.list(keys.locks)).records).toEqual([])

    world.traffic.busyUntil.clear()
    expect((await remove()).instances).toEqual(['hello-r1@h2'])
  })
})
