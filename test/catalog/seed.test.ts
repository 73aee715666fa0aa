import {beforeEach, expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {ensureLocalEnvironment} from '../../src/catalog/seed.js'

let catalog: Catalog

beforeEach(() => {
  catalog = new Catalog(new MemoryStore())
})

test('the local environment and its host are made once', async () => {
  const made = await Promise.all([ensureLocalEnvironment(catalog), ensureLocalEnvironment(catalog)])

  expect(made[0]).toEqual(made[1])
  expect(made[0]).toMatchObject({
    name: 'local',
    router: {address: '127.0.0.1', port: 7070, header: 'Yard-Service'},
  })
  expect((await catalog.hosts.get(keys.host('local', 'localhost')))?.record.address).toBe('127.0.0.1')
  expect((await catalog.store.range('')).revision).toBe(1)
})

test('a given port is kept for the next time', async () => {
  await ensureLocalEnvironment(catalog)
  await ensureLocalEnvironment(catalog, 7171)

  expect((await ensureLocalEnvironment(catalog)).router.port).toBe(7171)
})

test('a missing host is added to what is there', async () => {
  await ensureLocalEnvironment(catalog, 7171)
  await catalog.store.transact([], [{delete: keys.host('local', 'localhost')}])

  expect((await ensureLocalEnvironment(catalog)).router.port).toBe(7171)
  expect(await catalog.hosts.get(keys.host('local', 'localhost'))).toBeDefined()
})

test('a record that can not be trusted is not overwritten', async () => {
  await catalog.store.transact([], [{put: keys.environment('local'), value: '{"v":7}'}])

  await expect(ensureLocalEnvironment(catalog)).rejects.toMatchObject({code: 'E_CATALOG_CORRUPT'})
  expect((await catalog.store.get(keys.environment('local')))?.value).toBe('{"v":7}')
})
