import {beforeEach, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {drainHost, enableHost} from '../../../src/lifecycle/hosts/drain.js'
import {changeInstance} from '../../../src/lifecycle/instances/change.js'
import {closeService, openService} from '../../../src/lifecycle/maintenance/change.js'
import {addRoute} from '../../../src/lifecycle/routes/add.js'
import {removeRoute} from '../../../src/lifecycle/routes/remove.js'
import {ManualClock} from '../../fakes/clock.js'
import {aHost, anAgent, anEnvironment, anInstance, aService} from '../../fakes/records.js'

let catalog: Catalog
let events: YardEvent[]
const edge = {httpPort: 80, redirect: false, maxBodyBytes: 1_024}
const instance = anInstance({environment: 'staging', host: 'web-1'})

beforeEach(async () => {
  catalog = new Catalog(new MemoryStore())
  events = []
  await catalog.commit(
    'seed',
    [],
    [
      catalog.environments.put(keys.environment('staging'), anEnvironment({edge})),
      catalog.hosts.put(keys.host('staging', 'web-1'), aHost({edge: true})),
      catalog.services.put(keys.service('hello'), aService()),
      catalog.instances.put(keys.instance('staging', 'hello', instance.id), instance),
      ...['web-1', 'web-2'].map((host) =>
        catalog.pushedRoutings.put(keys.pushedRouting('staging', host), {
          v: 1,
          environment: 'staging',
          host,
          revision: 1,
          generation: 'a'.repeat(64),
          by: 'ada',
          at: '2026-11-20T12:00:00.000Z',
        }),
      ),
      catalog.agents.put(keys.agent('staging', 'web-2'), anAgent({host: 'web-2'})),
    ],
  )
})

const needs = {
  get catalog() {
    return catalog
  },
  clock: new ManualClock(),
  actor: 'ada@laptop',
  report: (event: YardEvent) => void events.push(event),
  confirm: async () => undefined,
  confirmProtected: async () => undefined,
}
const request = {
  environment: 'staging',
  host: 'web-1',
  service: 'hello',
  instance: instance.id,
  publicName: 'hello.example.org',
  path: undefined,
  message: 'back at nine',
  declaredEnvironments: [],
  dryRun: false,
}
const weigh = {kind: 'weight', weight: 10} as const

type Change = (given: typeof request) => Promise<unknown>

const nothing: Change = async () => undefined
const drain: Change = (given) => drainHost(needs, given)
const close: Change = (given) => closeService(needs, given)
const add: Change = (given) => addRoute(needs, given)

test.each<[string, Change, Change]>([
  ['draining a host', drain, nothing],
  ['enabling a host', (given) => enableHost(needs, given), drain],
  ['weighing an instance', (given) => changeInstance(needs, {...given, action: weigh}), nothing],
  ['closing a service', close, nothing],
  ['opening a service', (given) => openService(needs, given), close],
  ['adding a public name', add, nothing],
  ['removing a public name', (given) => removeRoute(needs, given), add],
])(
  '%s tells of hosts that were pushed to and have no sidecar; a dry run does not',
  async (_, change, before) => {
    await before(request)
    events = []
    await change({...request, dryRun: true})
    expect(events).toEqual([])

    await change(request)

    const text = 'without a sidecar web-1 will not hear of it: yard push --env staging'
    expect(events).toEqual([{kind: 'warning', text}])
  },
)

test('nothing is told where every host follows by itself', async () => {
  await catalog.commit('', [], [catalog.agents.put(keys.agent('staging', 'web-1'), anAgent())])
  await drainHost(needs, request)
  expect(events).toEqual([])
})
