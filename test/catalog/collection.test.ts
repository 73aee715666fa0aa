import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {maxRecordBytes} from '../../src/catalog/collection.js'
import {keys} from '../../src/catalog/keys.js'
import {aService, anInstance} from '../fakes/records.js'
import {hostileNames} from '../fakes/hostile-names.js'

let catalog: Catalog

beforeEach(() => {
  catalog = new Catalog(new MemoryStore())
})

/** Writes past every check, as another program could. */
async function plant(key: string, value: unknown): Promise<void> {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  await catalog.store.transact([], [{put: key, value: text}])
}

/** R1 in the design's list of hazards, without NUL, which no store takes. */
describe('reading', () => {
  test.each(hostileNames)('a service named %j is reported and skipped, others are read', async (name) => {
    await plant(keys.service('good'), aService({name: 'good'}))
    await plant(keys.service(name), aService({name}))

    const {records, bad} = await catalog.services.list(keys.services)

    expect(records.map(({record}) => record.name)).toEqual(['good'])
    expect(bad.map(({key}) => key)).toEqual([keys.service(name)])
  })

  test('orders does not bring orders-admin', async () => {
    for (const service of ['orders', 'orders-admin']) {
      const instance = anInstance({service})
      await plant(keys.instance('local', service, instance.id), instance)
    }

    const {records} = await catalog.instances.list(keys.instances('local', 'orders'))

    expect(records.map(({record}) => record.service)).toEqual(['orders'])
  })

  test.each([
    ['not JSON', '{', 'is not JSON'],
    ['null', 'null', 'the record: Invalid type: Expected Object but received null'],
    ['an array', '[]', 'v: Invalid key: Expected "v" but received undefined'],
    [
      'of a newer layout',
      JSON.stringify({...aService(), v: 2}),
      'v: Invalid type: Expected 1 but received 2',
    ],
    ['too large', JSON.stringify(aService({description: 'é'.repeat(maxRecordBytes / 2)})), 'is too large'],
    [
      'of another service',
      JSON.stringify(aService({name: 'other'})),
      'its content says that it belongs to another key',
    ],
  ])('a record that is %s is named with the reason', async (_, value, why) => {
    await plant(keys.service('hello'), value)
    const bad: unknown[] = []

    expect(await catalog.services.get(keys.service('hello'), (found) => bad.push(found))).toBeUndefined()
    expect(bad).toEqual([{key: keys.service('hello'), why}])
  })

  test.each([
    ['another environment', {environment: 'staging'}],
    ['another service', {service: 'other', id: 'hello-r1@localhost'}],
    ['another release', {release: 2, id: 'hello-r1@localhost'}],
    ['another host', {host: 'web-1', id: 'hello-r1@localhost'}],
  ])('an instance whose content names %s is not believed', async (_, changes) => {
    await plant(keys.instance('local', 'hello', 'hello-r1@localhost'), anInstance(changes))

    const {records, bad} = await catalog.instances.list(keys.instances('local'))

    expect(records).toEqual([])
    expect(bad).toHaveLength(1)
  })
})

describe('writing', () => {
  test('a record that breaks its schema or its key is a bug', () => {
    expect(() => catalog.services.put(keys.service('hello'), aService({name: 'Bad Name'}))).toThrow('name')
    expect(() => catalog.services.put(keys.service('hello'), aService({name: 'other'}))).toThrow(
      'another key',
    )
  })

  test('a record too large to be read again is refused', () => {
    const processes = Object.fromEntries(
      Array.from({length: 200}, (_, index) => [`p${index}`, 'x'.repeat(1_900)]),
    )

    expect(() => catalog.services.put(keys.service('hello'), aService({processes}))).toThrow(
      expect.objectContaining({code: 'E_USAGE', why: expect.stringContaining('at most 256 kB')}),
    )
  })

  test('a commit that meets a change says so', async () => {
    const key = keys.service('hello')
    const write = catalog.services.put(key, aService())
    await catalog.commit("Can't register hello", [{key, target: 'created', revision: 0}], [write])

    await expect(
      catalog.commit("Can't register hello", [{key, target: 'created', revision: 0}], [write]),
    ).rejects.toMatchObject({code: 'E_CONFLICT', exitCode: 3, what: "Can't register hello"})
  })
})
