import {expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {readRoutingFacts} from '../../src/catalog/routing-facts.js'
import {ensureLocalEnvironment} from '../../src/catalog/seed.js'
import {type Instance} from '../../src/domain/instance.js'
import {routingModel} from '../../src/domain/routing-model.js'
import {aBinding, anInstance, aService, aStatus} from '../fakes/records.js'

async function catalogWith(instance: Instance): Promise<Catalog> {
  const catalog = new Catalog(new MemoryStore())
  await ensureLocalEnvironment(catalog)
  await catalog.commit(
    'test',
    [],
    [
      catalog.services.put(keys.service('hello'), aService()),
      catalog.bindings.put(keys.binding('local', 'hello'), aBinding()),
      catalog.instances.put(keys.instance('local', 'hello', instance.id), instance),
    ],
  )
  return catalog
}

async function reportHealthy(catalog: Catalog, {id}: Instance): Promise<void> {
  const status = aStatus({id, running: 'running', healthy: true})
  await catalog.commit('test', [], [catalog.statuses.put(keys.status('local', id), status)])
}

async function serversOfHello(catalog: Catalog) {
  const {facts} = await readRoutingFacts(catalog, 'local')
  return routingModel(facts).services.find(({name}) => name === 'hello')?.servers
}

test('H13 a drained instance does not come back through a late health report', async () => {
  const drained = anInstance({state: 'draining'})
  const catalog = await catalogWith(drained)
  await reportHealthy(catalog, drained)
  expect(await serversOfHello(catalog)).toMatchObject([{state: 'draining'}])
})

test('H13 a removed instance does not come back through a late health report', async () => {
  const removed = anInstance({state: 'up'})
  const catalog = await catalogWith(removed)
  expect(await serversOfHello(catalog)).toMatchObject([{state: 'up'}])
  await catalog.commit('test', [], [{delete: keys.instance('local', 'hello', removed.id)}])
  await reportHealthy(catalog, removed)
  expect(await serversOfHello(catalog)).toEqual([])
})
