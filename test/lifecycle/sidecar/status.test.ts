import {describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {readRoutingFacts} from '../../../src/catalog/routing-facts.js'
import {type Agent} from '../../../src/domain/instance.js'
import {type SidecarStatus} from '../../../src/domain/sidecar-status.js'
import {YardError} from '../../../src/errors.js'
import {
  sidecarStatus,
  sidecarStatusHere,
  type SidecarStatusReport,
} from '../../../src/lifecycle/sidecar/status.js'
import {failureOf} from '../../fakes/failure-of.js'
import {aBinding, aHost, anAgent, anEnvironment, anInstance, aService} from '../../fakes/records.js'
import {aSidecarStatus, FakeDoors} from '../../fakes/sidecar.js'
import {SimulatedClock} from '../../fakes/simulated-clock.js'

const environment = 'staging'
const ago = (seconds: number) =>
  new Date(Date.parse('2026-11-20T12:00:00.000Z') - seconds * 1_000).toISOString()

class World {
  readonly store = new MemoryStore()
  readonly catalog = new Catalog(this.store)
  readonly clock = new SimulatedClock()

  /** Two hosts, a service with an instance: revision 1, and 2 records of routing. */
  static async make(): Promise<World> {
    const world = new World()
    const {catalog} = world
    await world.store.transact(
      [],
      [
        catalog.environments.put(keys.environment(environment), anEnvironment()),
        catalog.hosts.put(keys.host(environment, 'web-1'), aHost()),
        catalog.services.put(keys.service('hello'), aService()),
        catalog.bindings.put(keys.binding(environment, 'hello'), aBinding()),
        catalog.instances.put(
          keys.instance(environment, 'hello', 'hello-r1@web-1'),
          anInstance({environment, host: 'web-1'}),
        ),
      ],
    )
    return world
  }

  async say(agent: Partial<Agent>, sidecar: Partial<SidecarStatus> = {}): Promise<void> {
    const record = anAgent({...agent, sidecar: aSidecarStatus({records: 2, ...sidecar})})
    await this.store.transact([], [this.catalog.agents.put(keys.agent(environment, record.host), record)])
  }

  async change(port = 21_002): Promise<number> {
    const id = keys.instance(environment, 'hello', 'hello-r1@web-1')
    const write = this.catalog.instances.put(id, anInstance({environment, host: 'web-1', port}))
    return (await this.store.transact([], [write])).revision
  }

  look(): Promise<SidecarStatusReport> {
    const signal = new AbortController().signal
    return sidecarStatus({catalog: this.catalog, clock: this.clock, signal}, {environment})
  }
}

describe('H15 the status of every host', () => {
  test('a host that follows the newest revision is well', async () => {
    const world = await World.make()
    await world.say({appliedRevision: 1})
    const report = await world.look()
    expect(report).toMatchObject({isWell: true, wanted: {revision: 1, records: 2}})
    expect(report.hosts).toMatchObject([{host: 'web-1', state: 'follows', by: 'sidecar', appliedRevision: 1}])
  })

  test('one that holds back a loss is no host that follows, and is not well, also while it is behind', async () => {
    const world = await World.make()
    const suspects = ['billing: all 3 instances vanished at 12:00:00 UTC, held until back']
    await world.say({appliedRevision: 1}, {suspects})
    expect(await world.look()).toMatchObject({isWell: false, hosts: [{state: 'holds', sidecar: {suspects}}]})
    await world.say({appliedRevision: 1}, {suspects, behindSince: ago(9)})
    expect(await world.look()).toMatchObject({isWell: false, hosts: [{state: 'behind'}]})
    await world.say({appliedRevision: 1}, {suspects, staleSince: ago(45)})
    expect(await world.look()).toMatchObject({isWell: false, hosts: [{state: 'stale'}]})
  })

  test('one that is behind is looked at again before anything is said', async () => {
    const world = await World.make()
    await world.say({appliedRevision: 1})
    const revision = await world.change()
    world.clock.surroundings = async () => {
      if (world.clock.monotonicMillis() > 500)
        await world.say({appliedRevision: revision}, {seenRevision: revision})
    }
    const report = await world.look()
    expect(report.hosts).toMatchObject([{state: 'follows'}])
    expect(world.clock.monotonicMillis()).toBeLessThan(1_500)
  })

  test('one whose watch died turns red once it has heard nothing for 30 s', async () => {
    const world = await World.make()
    await world.say({appliedRevision: 1}, {seenAt: ago(20)})
    await world.change()
    await world.say({appliedRevision: 1}, {seenAt: ago(31)})
    const report = await world.look()
    expect(report).toMatchObject({isWell: false, hosts: [{state: 'lagging'}]})
    expect(report.hosts[0]?.lagMillis).toBeGreaterThan(30_000)
  })

  test('one that says it hears the catalog, and does not hear of a change for 10 s, is not believed', async () => {
    const world = await World.make()
    await world.say({appliedRevision: 1}, {seenAt: ago(0)})
    const revision = await world.change()
    expect(await world.look()).toMatchObject({
      isWell: false,
      hosts: [{state: 'lagging', problem: "it doesn't hear of changes"}],
    })
    expect(world.clock.monotonicMillis()).toBeGreaterThanOrEqual(10_000)

    const later = await World.make()
    await later.say({appliedRevision: 1}, {seenAt: ago(0)})
    await later.change()
    later.clock.surroundings = async () => {
      if (later.clock.monotonicMillis() > 8_000)
        await later.say({appliedRevision: revision}, {seenRevision: revision})
    }
    expect(await later.look()).toMatchObject({isWell: true, hosts: [{state: 'follows'}]})
  })

  test('in a busy environment a host has to reach what was wanted at first, not what is wanted at last', async () => {
    const world = await World.make()
    await world.say({appliedRevision: 1})
    await world.change()
    let port = 21_002
    world.clock.surroundings = async () => {
      const reached = await world.change(port)
      await world.change((port += 1))
      await world.say({appliedRevision: reached}, {seenRevision: reached, records: 99})
    }
    expect(await world.look()).toMatchObject({isWell: true, hosts: [{state: 'follows'}]})
    expect(world.clock.monotonicMillis()).toBeLessThan(1_000)
  })

  test('one that heard all and could not apply it lags since then, however fresh its news are', async () => {
    const world = await World.make()
    const revision = await world.change()
    const problem = 'no space left on the disk'
    await world.say(
      {appliedRevision: 1, problem},
      {seenRevision: revision, seenAt: ago(0), behindSince: ago(40)},
    )
    expect(await world.look()).toMatchObject({isWell: false, hosts: [{state: 'lagging', problem}]})
    await world.say(
      {appliedRevision: 1, problem},
      {seenRevision: revision, seenAt: ago(0), behindSince: ago(9)},
    )
    expect(await world.look()).toMatchObject({isWell: true, hosts: [{state: 'behind', problem}]})
  })

  test('a deletion that a host has not seen shows by the number of records', async () => {
    const world = await World.make()
    await world.say({appliedRevision: 1}, {seenAt: ago(60)})
    await world.store.transact([], [{delete: keys.instance(environment, 'hello', 'hello-r1@web-1')}])
    expect(await world.look()).toMatchObject({isWell: false, hosts: [{state: 'lagging'}]})
  })

  test('one that cannot hear the catalog for long is stale, though nothing changed that it knows of', async () => {
    const world = await World.make()
    await world.say({appliedRevision: 1}, {staleSince: ago(45)})
    expect(await world.look()).toMatchObject({isWell: false, hosts: [{state: 'stale'}]})
  })

  test('without a sidecar a host is absent, unless it was pushed to', async () => {
    const world = await World.make()
    expect(await world.look()).toMatchObject({isWell: false, hosts: [{state: 'absent', by: 'nobody'}]})

    const pushed = {v: 1 as const, environment, host: 'web-1', revision: 1, generation: 'a'.repeat(64)}
    const push = (at: string) => {
      const key = keys.pushedRouting(environment, 'web-1')
      return world.store.transact([], [world.catalog.pushedRoutings.put(key, {...pushed, by: 'ada', at})])
    }
    await push(ago(3_600))
    expect(await world.look()).toMatchObject({isWell: true, hosts: [{state: 'pushed', by: 'push'}]})
    await world.change()
    expect(await world.look()).toMatchObject({isWell: false, hosts: [{state: 'outdated'}]})
  })

  test('a host that was pushed to is outdated once a record is deleted, too', async () => {
    const world = await World.make()
    const closed = keys.maintenance(environment, 'billing')
    await world.store.transact([], [{put: closed, value: '{}'}])
    const {entries, revision} = await world.store.range(keys.routed(environment))
    const pushed = {v: 1 as const, environment, host: 'web-1', revision, records: entries.length}
    const key = keys.pushedRouting(environment, 'web-1')
    const record = {...pushed, generation: 'a'.repeat(64), by: 'ada', at: ago(3_600)}
    await world.store.transact([], [world.catalog.pushedRoutings.put(key, record)])
    expect(await world.look()).toMatchObject({isWell: true, hosts: [{state: 'pushed'}]})

    await world.store.transact([], [{delete: closed}])

    expect(await world.look()).toMatchObject({isWell: false, hosts: [{state: 'outdated'}]})
  })

  test('a host that was pushed to misses nothing when an instance is deleted that was down', async () => {
    const world = await World.make()
    const old = anInstance({environment, host: 'web-1', id: 'hello-r7@web-1', release: 7, state: 'down'})
    const oldKey = keys.instance(environment, 'hello', old.id)
    await world.store.transact([], [world.catalog.instances.put(oldKey, old)])
    const {records, revision} = await readRoutingFacts(world.catalog, environment)
    const pushed = {v: 1 as const, environment, host: 'web-1', revision, records}
    const record = {...pushed, generation: 'a'.repeat(64), by: 'ada', at: ago(3_600)}
    const key = keys.pushedRouting(environment, 'web-1')
    await world.store.transact([], [world.catalog.pushedRoutings.put(key, record)])

    expect(await world.look()).toMatchObject({isWell: true, hosts: [{state: 'pushed'}]})
    await world.store.transact([], [{delete: oldKey}])
    expect(await world.look()).toMatchObject({isWell: true, hosts: [{state: 'pushed'}]})

    await world.store.transact([], [{delete: keys.instance(environment, 'hello', 'hello-r1@web-1')}])
    expect(await world.look()).toMatchObject({isWell: false, hosts: [{state: 'outdated'}]})
  })

  test('a catalog that is away is said with what can still be asked', async () => {
    const world = await World.make()
    world.store.get = async () => {
      throw new YardError('E_CATALOG_UNREACHABLE', {
        what: "Can't read",
        why: 'no member answers',
        next: ['yard doctor'],
      })
    }
    const {code, next} = await failureOf(world.look())
    expect([code, next[0]]).toEqual(['E_CATALOG_UNREACHABLE', 'yard doctor'])
    expect(next[1]).toContain('yard sidecar status --env staging --here')
  })
})

describe('H15 the status of this machine, without the catalog', () => {
  const clock = new SimulatedClock()
  const request = {environment, doorPort: 7_072}

  async function doorSaying(changes: Record<string, unknown>): Promise<FakeDoors> {
    const door = new FakeDoors()
    const agent = anAgent({sidecar: aSidecarStatus({staleSince: ago(100)})})
    const status = {v: 1, environment, agent, millisSinceSeen: 0, millisBehind: 0, ...changes}
    await door.open(7_072, {status: () => status, metrics: () => ''})
    return door
  }

  test('the sidecar says by its own clock how long the catalog is away', async () => {
    const fresh = await sidecarStatusHere({door: await doorSaying({millisSinceSeen: 9_000}), clock}, request)
    expect(fresh).toMatchObject({isWell: true, hosts: [{host: 'web-1', state: 'follows'}]})
    const old = await sidecarStatusHere({door: await doorSaying({millisSinceSeen: 31_000}), clock}, request)
    expect(old).toMatchObject({isWell: false, hosts: [{state: 'stale'}]})
    const lagging = await sidecarStatusHere({door: await doorSaying({millisBehind: 31_000}), clock}, request)
    expect(lagging).toMatchObject({isWell: false, hosts: [{state: 'lagging', lagMillis: 31_000}]})
  })

  test('what it holds back is said here, too', async () => {
    const agent = anAgent({sidecar: aSidecarStatus({suspects: ['billing: all 3 instances vanished']})})
    const report = await sidecarStatusHere({door: await doorSaying({agent}), clock}, request)
    expect(report).toMatchObject({isWell: false, hosts: [{state: 'holds'}]})
  })

  test('nobody there, another program, or the sidecar of another environment are said', async () => {
    const nobody = await failureOf(sidecarStatusHere({door: new FakeDoors(), clock}, request))
    expect([nobody.code, nobody.exitCode]).toEqual(['E_SIDECAR', 1])
    const stranger = await failureOf(sidecarStatusHere({door: await doorSaying({v: 2}), clock}, request))
    expect(stranger.why).toContain('none answers on 127.0.0.1:7072')
    const other = await failureOf(
      sidecarStatusHere({door: await doorSaying({environment: 'live'}), clock}, request),
    )
    expect(other.why).toContain('that of web-1 in live')
  })
})
