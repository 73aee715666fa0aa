import {beforeEach, expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {type YardEvent} from '../../src/contracts/report.js'
import {listServices} from '../../src/lifecycle/services-list.js'
import {aBinding, anAgent, anInstance, aService, aStatus} from '../fakes/records.js'

let catalog: Catalog
let events: YardEvent[]

beforeEach(() => {
  catalog = new Catalog(new MemoryStore())
  events = []
})

async function plant(entries: Record<string, unknown>): Promise<void> {
  const writes = Object.entries(entries).map(([put, value]) => ({put, value: JSON.stringify(value)}))
  await catalog.store.transact([], writes)
}

const list = (environment = 'local') =>
  listServices({catalog, report: (event) => events.push(event)}, {environment})

test('an empty catalog has no services', async () => {
  expect(await list()).toEqual({environment: 'local', services: []})
})

test('services come sorted, with what has their traffic and whether it is up', async () => {
  await plant({
    [keys.service('zebra')]: aService({name: 'zebra'}),
    [keys.service('hello')]: aService(),
    [keys.binding('local', 'hello')]: aBinding(),
    [keys.instance('local', 'hello', 'hello-r1@localhost')]: anInstance(),
    [keys.status('local', 'hello-r1@localhost')]: aStatus(),
  })

  const {services} = await list()

  expect(services).toEqual([
    {
      name: 'hello',
      owner: 'ada',
      description: 'says hello',
      state: 'up',
      release: 1,
      since: '2026-11-20T12:00:00.000Z',
    },
    {name: 'zebra', owner: 'ada', description: 'says hello', state: 'not-deployed'},
  ])
  expect(events).toEqual([])
})

test('instances are read only of services that their hosts do not prove to be up', async () => {
  const ofHello = (host: string) => anInstance({host, id: `hello-r1@${host}`})
  await plant({
    [keys.service('hello')]: aService(),
    [keys.binding('local', 'hello')]: aBinding({instances: 2}),
    [keys.instance('local', 'hello', 'hello-r1@web-1')]: ofHello('web-1'),
    [keys.instance('local', 'hello', 'hello-r1@web-2')]: 'somebody else wrote this',
    [keys.agent('local', 'web-1')]: anAgent({host: 'web-1', serving: ['hello-r1']}),
    [keys.agent('local', 'web-2')]: anAgent({host: 'web-2', serving: ['hello-r1']}),
  })
  expect((await list()).services).toMatchObject([{name: 'hello', state: 'up'}])
  expect(events).toEqual([])

  await plant({[keys.agent('local', 'web-2')]: anAgent({host: 'web-2', serving: []})})
  expect((await list()).services).toMatchObject([{name: 'hello', state: 'up'}])
  expect(JSON.stringify(events)).toContain('hello-r1@web-2')
})

test('a service of which fewer serve than should is degraded', async () => {
  const ids = ['hello-r1@web-1', 'hello-r1@web-2']
  await plant({
    [keys.service('hello')]: aService(),
    [keys.binding('local', 'hello')]: aBinding({instances: 2}),
    ...Object.fromEntries(
      ids.map((id) => [keys.instance('local', 'hello', id), anInstance({id, host: id.slice(-5)})]),
    ),
    [keys.agent('local', 'web-1')]: anAgent({host: 'web-1', serving: ['hello-r1']}),
  })
  expect((await list()).services).toMatchObject([{name: 'hello', state: 'degraded'}])
})

test.each([3, 1_200])(
  '%d services that are not proven to be up are looked at one by one or all at once',
  async (count) => {
    const names = Array.from({length: count}, (_, index) => `svc-${index}`)
    for (const service of names) {
      const id = `${service}-r1@localhost`
      const isRunning = service.endsWith('1')
      await plant({
        [keys.service(service)]: aService({name: service}),
        [keys.binding('local', service)]: aBinding({service, instances: 1}),
        [keys.instance('local', service, id)]: anInstance({service, id}),
        [keys.status('local', id)]: aStatus({id, running: isRunning ? 'running' : 'stopped'}),
      })
    }
    const {services} = await list()
    expect(services).toHaveLength(count)
    expect(services.every(({name, state}) => state === (name.endsWith('1') ? 'up' : 'down'))).toBe(true)
  },
)

test('bad records are named in warnings, and the rest is listed', async () => {
  await plant({
    [keys.service('hello')]: aService(),
    [keys.service('../evil\u001b[2J')]: aService({name: 'hello'}),
    [keys.binding('local', 'hello')]: {v: 9},
  })

  expect((await list()).services.map(({name, state}) => [name, state])).toEqual([['hello', 'not-deployed']])
  const texts = events.map((event) => (event.kind === 'warning' ? event.text : ''))
  expect(texts).toEqual([
    expect.stringContaining(String.raw`"/yard/v1/services/../evil\u001b[2J"`),
    expect.stringContaining('/rt/bind/hello'),
  ])
})

test('an unknown environment and a bad name are refused', async () => {
  await expect(list('moon')).rejects.toMatchObject({code: 'E_ENVIRONMENT_UNKNOWN'})
  await expect(list('../x')).rejects.toMatchObject({code: 'E_NAME_INVALID'})
})
