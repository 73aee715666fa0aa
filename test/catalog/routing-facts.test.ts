import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {readRoutingFacts} from '../../src/catalog/routing-facts.js'
import {failureOf} from '../fakes/failure-of.js'
import {fillCatalog} from '../fakes/full-catalog.js'
import {aBinding, anEnvironment, aRelease, aService} from '../fakes/records.js'

describe('what the routing of an environment depends on', () => {
  let catalog: Catalog

  beforeEach(async () => {
    catalog = new Catalog(new MemoryStore())
    await fillCatalog(catalog)
  })

  test('is read whole, with the releases that have the traffic', async () => {
    const {bad, facts, revision} = await readRoutingFacts(catalog, 'staging')

    expect([bad, revision]).toEqual([[], 1])
    expect({
      environment: facts.environment.name,
      services: facts.services.map(({name}) => name),
      bindings: facts.bindings.map(({service}) => service),
      instances: facts.instances.map(({id}) => id),
      drainedHosts: [...(facts.drainedHosts ?? [])],
      releases: [...(facts.releases?.keys() ?? [])],
      hosts: facts.hosts?.map(({name}) => name),
      publicRoutes: facts.publicRoutes?.map(({host, path}) => host + path),
      maintenances: facts.maintenances?.map(({service}) => service),
      consumers: facts.consumers,
    }).toEqual({
      environment: 'staging',
      services: ['hello', 'identity'],
      bindings: ['hello'],
      instances: ['hello-r1@web-1'],
      drainedHosts: ['web-1'],
      releases: ['hello-r1'],
      hosts: ['web-1'],
      publicRoutes: ['example.org/hello', 'hello.example.org/'],
      maintenances: ['identity'],
      consumers: [],
    })
  })

  test('holds who may call whom only where that decides what hosts know', async () => {
    const router = {address: '127.0.0.1', port: 7070, header: 'Yard-Service', scope: 'consumers' as const}
    const {facts} = await readRoutingFacts(catalog, anEnvironment({router}))

    expect(facts.consumers).toEqual([{service: 'identity', consumer: 'hello'}])
  })

  test('leaves out what can not be trusted, and tells it once', async () => {
    const planted = [
      keys.publicRoute('staging', 'evil.example.org', '/'),
      keys.service('evil'),
      keys.host('staging', 'evil'),
      keys.release('other', 1),
    ]
    const other = catalog.bindings.put(keys.binding('staging', 'other'), aBinding({service: 'other'}))
    const writes = [other, ...planted.map((put) => ({put, value: '{"v":9}'}))]
    await catalog.store.transact([], writes)

    const {bad, facts} = await readRoutingFacts(catalog, 'staging')

    expect(bad.map(({key}) => key).sort()).toEqual([...planted].sort())
    expect(facts.publicRoutes).toHaveLength(2)
    expect(facts.bindings).toHaveLength(2)
  })

  test('reads hundreds of releases, each for its own service', async () => {
    const numbers = Array.from({length: 100}, (_, index) => index + 1)
    for (const number of numbers) {
      const service = `service-${number}`
      await catalog.commit(
        'seed',
        [],
        [
          catalog.services.put(keys.service(service), aService({name: service})),
          catalog.bindings.put(keys.binding('staging', service), aBinding({service, active: number})),
          catalog.releases.put(keys.release(service, number), aRelease({service, number})),
        ],
      )
    }
    const {facts} = await readRoutingFacts(catalog, 'staging')

    expect(facts.releases?.size).toBe(101)
    expect(facts.releases?.get('service-77-r77')?.service).toBe('service-77')
  })

  test('of an environment that is not there is an error', async () => {
    expect(await failureOf(readRoutingFacts(catalog, 'nowhere'))).toMatchObject({
      code: 'E_ENVIRONMENT_UNKNOWN',
    })
  })
})
