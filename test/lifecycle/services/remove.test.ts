import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {localEnvironment} from '../../../src/domain/environment.js'
import {YardError} from '../../../src/errors.js'
import {removeService, type ServiceRemoveReport} from '../../../src/lifecycle/services/remove.js'
import {failureOf} from '../../fakes/failure-of.js'
import {fillCatalog} from '../../fakes/full-catalog.js'
import {aBinding, anInstance, aPublicRoute, aService} from '../../fakes/records.js'

let catalog: Catalog
let events: YardEvent[]
let asked: ServiceRemoveReport[]
let agree: () => Promise<void>

beforeEach(() => {
  catalog = new Catalog(new MemoryStore())
  events = []
  asked = []
  agree = async () => undefined
})

function remove(service = 'hello', dryRun = false) {
  const confirm = async (plan: ServiceRemoveReport) => {
    asked.push(plan)
    await agree()
  }
  const needs = {catalog, confirm, report: (event: YardEvent) => void events.push(event)}
  return removeService(needs, {service, dryRun})
}

async function stopInstances(): Promise<void> {
  const {entries} = await catalog.store.range(keys.instances('staging', 'hello'))
  await catalog.store.transact(
    [],
    entries.map(({key}) => ({delete: key})),
  )
}

async function keysThere(): Promise<string[]> {
  const {entries} = await catalog.store.range('')
  return entries.map(({key}) => key)
}

async function putValues(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const name = `V${index}`
    const key = keys.configValue('local', 'hello', name)
    const at = '2026-11-20T12:00:00.000Z'
    const content = {kind: 'plain' as const, value: ''}
    const value = {
      v: 1 as const,
      name,
      environment: 'local',
      service: 'hello',
      content,
      setBy: 'ada',
      setAt: at,
    }
    await catalog.commit('', [], [catalog.config.put(key, value)])
  }
}

describe('a service that runs somewhere', () => {
  test('is not removed, and the places are named', async () => {
    await fillCatalog(catalog)
    const before = await keysThere()

    expect(await failureOf(remove())).toMatchObject({
      code: 'E_SERVICE_IN_USE',
      exitCode: 3,
      why: 'it has instances: hello-r1@web-1 in staging',
    })
    expect(await keysThere()).toEqual(before)
    expect(asked).toEqual([])
  })

  test('is in use also where the records of the instance or the environment are damaged', async () => {
    await catalog.commit('', [], [catalog.services.put(keys.service('hello'), aService())])
    await catalog.store.transact(
      [],
      [
        {put: keys.environment('odd'), value: '{'},
        {put: keys.instance('odd', 'hello', 'x\n'), value: '{'},
      ],
    )

    expect(await failureOf(remove())).toMatchObject({why: String.raw`it has instances: "x\n" in odd`})
  })

  test('is noticed when it starts while the person is asked', async () => {
    await catalog.commit('', [], [catalog.services.put(keys.service('hello'), aService())])
    const key = keys.instance('local', 'hello', anInstance().id)
    agree = async () => {
      // As a deploy does it: the instance and, as it is, the record of the service.
      const writes = [
        catalog.instances.put(key, anInstance()),
        catalog.services.put(keys.service('hello'), aService()),
      ]
      await catalog.commit('', [], writes)
    }

    expect(await failureOf(remove())).toMatchObject({code: 'E_CONFLICT'})
    expect(await keysThere()).toEqual([key, keys.service('hello')])
    agree = async () => undefined
    expect(await failureOf(remove())).toMatchObject({code: 'E_SERVICE_IN_USE'})
  })
})

describe('a service that runs nowhere', () => {
  test('goes with its config, consumers, bindings, public names and closure; its history and all others stay', async () => {
    await fillCatalog(catalog)
    await stopInstances()
    const other = aPublicRoute({host: 'identity.example.org', service: 'identity'})
    const otherKey = keys.publicRoute('staging', other.host, other.path)
    await catalog.commit('', [], [catalog.publicRoutes.put(otherKey, other)])
    const before = await keysThere()

    const {removed} = await remove()

    expect(removed).toEqual([
      keys.consumer('identity', 'hello'),
      keys.configValue('staging', 'hello', 'KEY'),
      keys.binding('staging', 'hello'),
      keys.publicRoute('staging', 'example.org', '/hello'),
      keys.publicRoute('staging', 'hello.example.org', '/'),
    ])
    const left = await keysThere()
    expect(before.filter((key) => !left.includes(key)).sort()).toEqual(
      [...removed, keys.service('hello')].sort(),
    )
    expect(left).toContain(keys.release('hello', 1))
    expect(left).toContain(keys.deploy('staging', 'hello', 1))
  })

  test('does not take along what only has a similar name', async () => {
    const others = ['hello-two', 'two-hello', 'hell']
    await catalog.commit(
      '',
      [],
      [
        catalog.environments.put(keys.environment('local'), localEnvironment()),
        ...['hello', ...others].map((name) => catalog.services.put(keys.service(name), aService({name}))),
        ...others.map((service) => catalog.bindings.put(keys.binding('local', service), aBinding({service}))),
        ...others.map((service) =>
          catalog.instances.put(
            keys.instance('local', service, `${service}-r1@localhost`),
            anInstance({service}),
          ),
        ),
      ],
    )
    await remove()
    expect(await keysThere()).toHaveLength(1 + 3 * others.length)
  })

  test('is only shown as a dry run', async () => {
    await fillCatalog(catalog)
    await stopInstances()
    const before = await keysThere()

    expect(await remove('hello', true)).toMatchObject({dryRun: true, removed: expect.arrayContaining([])})
    expect(await keysThere()).toEqual(before)
    expect(asked).toEqual([])
  })

  test('stays when nobody agreed', async () => {
    await catalog.commit('', [], [catalog.services.put(keys.service('hello'), aService())])
    agree = async () => {
      throw new YardError('E_NOT_CONFIRMED', {what: 'x', why: 'y', next: ['z']})
    }
    expect(await failureOf(remove())).toMatchObject({code: 'E_NOT_CONFIRMED'})
    expect(await keysThere()).toEqual([keys.service('hello')])
  })

  test('with more values than a transaction takes goes at last, also after a failure in between', async () => {
    await catalog.commit('', [], [catalog.services.put(keys.service('hello'), aService())])
    await putValues(250)
    const {store} = catalog
    const original = store.transact.bind(store)
    let transactions = 0
    store.transact = async (compares, writes) => {
      expect(Math.max(compares.length, writes.length)).toBeLessThanOrEqual(128)
      transactions += 1
      if (transactions === 2) throw new YardError('E_CATALOG_UNREACHABLE', {what: 'x', why: 'y', next: ['z']})
      return original(compares, writes)
    }

    expect(await failureOf(remove())).toMatchObject({code: 'E_CATALOG_UNREACHABLE'})
    expect(await keysThere()).toHaveLength(151)
    await remove()
    expect(await keysThere()).toEqual([])
  })

  test('leaves behind, and names, what can not be trusted', async () => {
    await catalog.commit('', [], [catalog.services.put(keys.service('hello'), aService())])
    await catalog.store.transact([], [{put: keys.configValue('local', 'hello', 'X'), value: '{'}])

    await remove()

    expect(await keysThere()).toEqual([keys.configValue('local', 'hello', 'X')])
    expect(events).toEqual([{kind: 'warning', text: expect.stringContaining('config/services/hello/X')}])
  })
})

test('what is unknown or no name is refused', async () => {
  expect(await failureOf(remove('nobody'))).toMatchObject({code: 'E_SERVICE_UNKNOWN'})
  expect(await failureOf(remove('../x'))).toMatchObject({code: 'E_NAME_INVALID'})
})
