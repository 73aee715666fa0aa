import {beforeEach, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {listInstances} from '../../../src/lifecycle/instances/list.js'
import {failureOf} from '../../fakes/failure-of.js'
import {aBinding, anInstance, aService, aStatus} from '../../fakes/records.js'

let catalog: Catalog
let events: YardEvent[]

beforeEach(async () => {
  catalog = new Catalog(new MemoryStore())
  events = []
  await plant({
    [keys.service('hello')]: aService(),
    [keys.service('other')]: aService({name: 'other'}),
    [keys.binding('local', 'hello')]: aBinding(),
    [keys.instance('local', 'hello', 'hello-r1@localhost')]: anInstance({weight: 10}),
    [keys.instance('local', 'other', 'other-r1@localhost')]: anInstance({service: 'other'}),
    [keys.status('local', 'hello-r1@localhost')]: aStatus(),
    [keys.instance('local', 'hello', 'hello-r9@localhost')]: {v: 7},
  })
})

async function plant(entries: Record<string, unknown>): Promise<void> {
  const writes = Object.entries(entries).map(([put, value]) => ({put, value: JSON.stringify(value)}))
  await catalog.store.transact([], writes)
}

const list = (service?: string, environment = 'local') =>
  listInstances({catalog, report: (event) => events.push(event)}, {environment, service})

test('what is wanted and what was seen stand side by side, and a bad record is named', async () => {
  expect(await list()).toEqual([
    {...anInstance(), weight: 10, getsRequests: true, seen: aStatus()},
    {...anInstance({service: 'other'}), weight: 100, getsRequests: false},
  ])
  expect(events).toMatchObject([{kind: 'warning', text: expect.stringContaining('hello-r9@localhost')}])
})

test('one service only', async () => {
  expect((await list('other')).map(({id}) => id)).toEqual(['other-r1@localhost'])
})

test('unknown names are refused', async () => {
  expect((await failureOf(list('nobody'))).code).toBe('E_SERVICE_UNKNOWN')
  expect((await failureOf(list(''))).code).toBe('E_NAME_INVALID')
  expect((await failureOf(list(undefined, 'nowhere'))).code).toBe('E_ENVIRONMENT_UNKNOWN')
})
