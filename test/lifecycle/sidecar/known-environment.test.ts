import {expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {refuseUnknownEnvironment} from '../../../src/lifecycle/sidecar/known-environment.js'
import {failureOf} from '../../fakes/failure-of.js'
import {anEnvironment} from '../../fakes/records.js'

class AwayStore extends MemoryStore {
  override async get(): Promise<never> {
    throw new Error('away')
  }
}

test('a name that nobody knows is refused at once', async () => {
  const catalog = new Catalog(new MemoryStore())
  expect(await failureOf(refuseUnknownEnvironment(catalog, 'stagin'))).toMatchObject({
    code: 'E_ENVIRONMENT_UNKNOWN',
  })
})

test('local is left to yard up', async () => {
  const catalog = new Catalog(new MemoryStore())
  expect(await failureOf(refuseUnknownEnvironment(catalog, 'local'))).toMatchObject({code: 'E_USAGE'})
})

test('one that is there, or a catalog that is away, is no reason to refuse', async () => {
  const catalog = new Catalog(new MemoryStore())
  await catalog.commit(
    'test',
    [],
    [catalog.environments.put(keys.environment('staging'), anEnvironment({name: 'staging'}))],
  )
  await refuseUnknownEnvironment(catalog, 'staging')
  await refuseUnknownEnvironment(new Catalog(new AwayStore()), 'staging')
})
