import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {type Instance} from '../../../src/domain/instance.js'
import {removeHost, type RemoveHostRequest} from '../../../src/lifecycle/hosts/remove.js'
import {type Traffic} from '../../../src/contracts/traffic.js'
import {failureOf} from '../../fakes/failure-of.js'
import {fakeIdentity} from '../../fakes/identity.js'
import {FakeInstanceHost} from '../../fakes/instance-host.js'
import {aHost, anEnvironment, anInstance} from '../../fakes/records.js'
import {SimulatedClock} from '../../fakes/simulated-clock.js'

const request: RemoveHostRequest = {
  environment: 'staging',
  host: 'web-1',
  drain: false,
  platform: undefined,
  dryRun: false,
}

const quietTraffic: Traffic = {
  makeLive: async () => [],
  idle: async (instances) => new Set(instances.map(({id}) => id)),
  answers: async () => new Map(),
}

describe('removing a host', () => {
  let catalog: Catalog
  let clock: SimulatedClock
  let events: YardEvent[]
  let asked: string[]

  beforeEach(async () => {
    catalog = new Catalog(new MemoryStore())
    clock = new SimulatedClock()
    events = []
    asked = []
    await catalog.commit(
      'seed',
      [],
      [
        catalog.environments.put(keys.environment('staging'), anEnvironment()),
        catalog.hosts.put(keys.host('staging', 'web-1'), aHost()),
      ],
    )
  })

  const remove = (changes: Partial<RemoveHostRequest> = {}, signal = new AbortController().signal) =>
    removeHost(
      {
        catalog,
        clock,
        signal,
        identity: fakeIdentity(),
        openInstanceHost: async () => new FakeInstanceHost('web-1', clock),
        trafficOf: async () => quietTraffic,
        report: (event) => void events.push(event),
        actor: 'ada@laptop',
        confirmProtected: async ({purpose}) => void asked.push(purpose),
      },
      {...request, ...changes},
    )
  const write = (instance: Instance) =>
    catalog.commit(
      'write',
      [],
      [
        catalog.instances.put(keys.instance('staging', instance.service, instance.id), instance),
        catalog.ports.put(keys.port('staging', 'web-1', instance.port ?? 1), {
          v: 1,
          environment: 'staging',
          host: 'web-1',
          port: instance.port ?? 1,
          owner: instance.id,
        }),
      ],
    )
  const here = (changes: Partial<Instance> = {}) =>
    anInstance({environment: 'staging', host: 'web-1', address: '10.0.0.11', ...changes})
  const left = async () => (await catalog.store.range(keys.within('staging'))).entries.map(({key}) => key)

  test('on which nothing runs removes it with all that is kept for it', async () => {
    await catalog.store.transact(
      [],
      [
        {put: keys.hostDrain('staging', 'web-1'), value: '{}'},
        {put: keys.port('staging', 'web-1', 21_001), value: '{}'},
      ],
    )

    expect(await remove()).toEqual({environment: 'staging', host: 'web-1', dryRun: false, instances: []})
    expect([await left(), asked]).toEqual([[], ['remove web-1 from staging']])
  })

  test('with an instance is refused, also when its record can not be read', async () => {
    await catalog.store.transact([], [{put: keys.instance('staging', 'hello', 'hello-r1@web-1'), value: '{'}])

    expect(await failureOf(remove())).toMatchObject({
      code: 'E_HOST_IN_USE',
      exitCode: 3,
      why: 'it still has 1 instance (hello-r1@web-1)',
      next: [expect.stringContaining('--drain'), expect.anything()],
    })
    expect(await catalog.hosts.get(keys.host('staging', 'web-1'))).toBeDefined()
  })

  test('with --drain gives up on what can not be read, and never deletes it', async () => {
    const key = keys.instance('staging', 'hello', 'hello-r1@web-1')
    await catalog.store.transact([], [{put: key, value: '{"v":9}'}])

    expect((await failureOf(remove({drain: true}))).code).toBe('E_HOST_IN_USE')
    expect(await catalog.store.get(key)).toBeDefined()
  })

  test('as a dry run names what it would end', async () => {
    await write(here())

    expect(await remove({drain: true, dryRun: true})).toMatchObject({
      dryRun: true,
      instances: ['hello-r1@web-1'],
    })
    expect(await left()).toHaveLength(3)
  })

  test('that the platform file declares is refused, as it would come back', async () => {
    const environment = {
      name: 'staging',
      order: 1,
      protected: false,
      personal: false,
      routing: {header: 'Yard-Service', port: 7070},
      hosts: [{name: 'web-1', address: '10.0.0.11', description: ''}],
    }
    const platform = {file: '/srv/yard.yaml', environments: [environment]}

    expect(await failureOf(remove({platform}))).toMatchObject({
      code: 'E_USAGE',
      why: expect.stringContaining('/srv/yard.yaml declares it'),
    })
  })

  test('that gets an instance at that moment is refused: the instance has written the record of its host', async () => {
    const {store} = catalog
    const transact = store.transact.bind(store)
    let isFirst = true
    store.transact = async (compares, writes) => {
      if (isFirst && writes.some((write) => 'delete' in write)) {
        isFirst = false
        const host = await catalog.hosts.get(keys.host('staging', 'web-1'))
        await transact(
          [],
          [
            catalog.instances.put(keys.instance('staging', 'hello', 'hello-r1@web-1'), here()),
            catalog.hosts.put(keys.host('staging', 'web-1'), host?.record ?? aHost()),
          ],
        )
      }
      return transact(compares, writes)
    }

    expect((await failureOf(remove())).code).toBe('E_HOST_IN_USE')
    expect(await catalog.hosts.get(keys.host('staging', 'web-1'))).toBeDefined()
  })
})
