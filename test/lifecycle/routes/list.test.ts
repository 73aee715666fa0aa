import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {type Write} from '../../../src/contracts/store.js'
import {listRoutes} from '../../../src/lifecycle/routes/list.js'
import {failureOf} from '../../fakes/failure-of.js'
import {
  aBinding,
  aHost,
  aMaintenance,
  anEnvironment,
  anInstance,
  aPublicRoute,
  aService,
} from '../../fakes/records.js'

const edge = {httpPort: 80, redirect: false, maxBodyBytes: 1_024}

describe('the routes of an environment', () => {
  let catalog: Catalog
  let events: YardEvent[]
  const put = (...writes: Write[]) => catalog.commit('', [], writes)

  beforeEach(async () => {
    catalog = new Catalog(new MemoryStore())
    events = []
    await put(
      catalog.environments.put(keys.environment('staging'), anEnvironment({edge})),
      catalog.hosts.put(keys.host('staging', 'web-1'), aHost({edge: true})),
      ...['hello', 'billing', 'closed'].map((name) =>
        catalog.services.put(keys.service(name), aService({name})),
      ),
      catalog.bindings.put(keys.binding('staging', 'hello'), aBinding()),
      catalog.instances.put(
        keys.instance('staging', 'hello', 'hello-r1@web-1'),
        anInstance({environment: 'staging', host: 'web-1'}),
      ),
      catalog.maintenances.put(keys.maintenance('staging', 'closed'), aMaintenance({service: 'closed'})),
      catalog.publicRoutes.put(keys.publicRoute('staging', 'hello.example.org', '/'), aPublicRoute()),
      catalog.publicRoutes.put(
        keys.publicRoute('staging', 'gone.example.org', '/api'),
        aPublicRoute({host: 'gone.example.org', path: '/api', service: 'gone'}),
      ),
    )
  })

  const list = async (service?: string) => {
    const report = (event: YardEvent) => void events.push(event)
    const request = {environment: 'staging', service, declaredEnvironments: []}
    const {routes} = await listRoutes({catalog, report}, request)
    return routes.map(({kind, name, service: to, state}) => `${kind} ${name} -> ${to} ${state}`)
  }

  test('are its public names and those of the inside, with their state', async () => {
    expect(await list()).toEqual([
      'public gone.example.org/api -> gone no-service',
      'public hello.example.org -> hello up',
      'header Yard-Service: billing -> billing down',
      'internal billing.localhost:7070 -> billing down',
      'header Yard-Service: closed -> closed closed',
      'internal closed.localhost:7070 -> closed closed',
      'header Yard-Service: hello -> hello up',
      'internal hello.localhost:7070 -> hello up',
    ])
  })

  test('of one service are its own', async () => {
    expect(await list('hello')).toEqual([
      'public hello.example.org -> hello up',
      'header Yard-Service: hello -> hello up',
      'internal hello.localhost:7070 -> hello up',
    ])
    const request = {environment: 'staging', service: 'helo', declaredEnvironments: []}
    expect(await failureOf(listRoutes({catalog, report: () => undefined}, request))).toMatchObject({
      code: 'E_SERVICE_UNKNOWN',
    })
  })

  test('say so when no host faces the outside, or no instance gets requests', async () => {
    await put(catalog.hosts.put(keys.host('staging', 'web-1'), aHost()))
    expect((await list('hello'))[0]).toBe('public hello.example.org -> hello no-edge')

    const instance = anInstance({environment: 'staging', host: 'web-1', weight: 0})
    await put(catalog.instances.put(keys.instance('staging', 'hello', instance.id), instance))
    expect((await list('hello'))[1]).toBe('header Yard-Service: hello -> hello down')
  })

  test('leave out a record that can not be trusted, and name it', async () => {
    const key = keys.publicRoute('staging', 'hello.example.org', '/x')
    await catalog.store.transact([], [{put: key, value: JSON.stringify(aPublicRoute({path: '/x y'}))}])

    expect(await list('hello')).toHaveLength(3)
    expect(events).toEqual([{kind: 'warning', text: expect.stringContaining(key)}])
  })
})
