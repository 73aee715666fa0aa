import {beforeEach, expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {ensureLocalEnvironment} from '../../src/catalog/seed.js'
import {type YardEvent} from '../../src/contracts/report.js'
import {listReleases} from '../../src/lifecycle/releases-list.js'
import {aBinding, aRelease, aService} from '../fakes/records.js'

let catalog: Catalog
let events: YardEvent[]

beforeEach(async () => {
  catalog = new Catalog(new MemoryStore())
  events = []
  await ensureLocalEnvironment(catalog)
  await plant({
    [keys.service('orders')]: aService({name: 'orders'}),
    [keys.service('orders-admin')]: aService({name: 'orders-admin'}),
    [keys.release('orders', 1)]: aRelease({service: 'orders', createdAt: '2026-11-20T10:00:00.000Z'}),
    [keys.release('orders', 2)]: aRelease({
      service: 'orders',
      number: 2,
      createdAt: '2026-11-20T12:00:00.000Z',
    }),
    [keys.release('orders-admin', 1)]: aRelease({
      service: 'orders-admin',
      createdAt: '2026-11-20T11:00:00.000Z',
    }),
    [keys.binding('local', 'orders')]: aBinding({service: 'orders', active: 2, previous: 1}),
  })
})

async function plant(entries: Record<string, unknown>): Promise<void> {
  const writes = Object.entries(entries).map(([put, value]) => ({put, value: JSON.stringify(value)}))
  await catalog.store.transact([], writes)
}

const list = (service?: string) => listReleases({catalog, report: (event) => events.push(event)}, {service})

test('all releases come newest first, and say where they are live', async () => {
  const releases = await list()

  expect(releases.map(({id, liveIn}) => [id, liveIn])).toEqual([
    ['orders-r2', ['local']],
    ['orders-admin-r1', []],
    ['orders-r1', []],
  ])
})

test('the releases of orders are not those of orders-admin', async () => {
  expect((await list('orders')).map(({id}) => id)).toEqual(['orders-r2', 'orders-r1'])
})

test('a bad record is named, and the rest is listed', async () => {
  await plant({[keys.release('orders', 3)]: aRelease({service: 'orders', number: 4})})

  expect(await list('orders')).toHaveLength(2)
  expect(events).toEqual([{kind: 'warning', text: expect.stringContaining('/releases/orders/000000003')}])
})

test('an unknown service and a bad name are refused', async () => {
  await expect(list('nobody')).rejects.toMatchObject({code: 'E_SERVICE_UNKNOWN'})
  await expect(list('a/b')).rejects.toMatchObject({code: 'E_NAME_INVALID'})
})
