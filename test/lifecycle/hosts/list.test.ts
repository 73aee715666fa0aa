import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {listHosts, showHost} from '../../../src/lifecycle/hosts/list.js'
import {failureOf} from '../../fakes/failure-of.js'
import {hostileNames} from '../../fakes/hostile-names.js'
import {aHost, anAgent, anEnvironment, anInstance} from '../../fakes/records.js'

const since = '2026-11-20T12:00:00.000Z'

describe('the hosts of an environment', () => {
  let catalog: Catalog
  let events: YardEvent[]

  beforeEach(async () => {
    catalog = new Catalog(new MemoryStore())
    events = []
    const instance = anInstance({environment: 'staging', host: 'web-2'})
    await catalog.commit(
      'seed',
      [],
      [
        catalog.environments.put(keys.environment('staging'), anEnvironment()),
        catalog.hosts.put(keys.host('staging', 'web-1'), aHost({zone: 'a', declared: true})),
        catalog.hosts.put(keys.host('staging', 'web-2'), aHost({name: 'web-2', description: 'two'})),
        catalog.hosts.put(keys.host('staging', 'web-3'), aHost({name: 'web-3'})),
        catalog.hosts.put(keys.host('staging', 'web-4'), aHost({name: 'web-4', user: 'yard'})),
        catalog.agents.put(keys.agent('staging', 'web-2'), anAgent({host: 'web-2'})),
        catalog.agents.put(keys.agent('staging', 'web-3'), anAgent({host: 'web-3', problem: 'no HAProxy'})),
        catalog.instances.put(keys.instance('staging', 'hello', instance.id), instance),
        catalog.hostDrains.put(keys.hostDrain('staging', 'web-3'), {
          v: 1,
          host: 'web-3',
          environment: 'staging',
          since,
          by: 'ada',
        }),
      ],
    )
  })

  const needs = () => ({catalog, report: (event: YardEvent) => void events.push(event)})
  const request = {environment: 'staging', declaredEnvironments: []}

  test('are listed with what runs there and who looks after them', async () => {
    const hosts = await listHosts(needs(), request)

    expect(hosts.map(({declared, instances, name, state}) => [name, state, instances, declared])).toEqual([
      ['web-1', 'unseen', 0, true],
      ['web-2', 'up', 1, false],
      ['web-3', 'drained', 0, false],
      ['web-4', 'ready', 0, false],
    ])
  })

  test('are shown one by one', async () => {
    expect(await showHost(needs(), {...request, host: 'web-3'})).toMatchObject({
      state: 'drained',
      drain: {since, by: 'ada'},
      agent: {pid: 42, problem: 'no HAProxy'},
    })
    expect((await showHost(needs(), {...request, host: 'web-2'})).instances).toEqual([
      {id: 'hello-r1@web-2', service: 'hello', release: 1, process: 'web', port: 21_001, state: 'up'},
    ])
  })

  test('say whether a sidecar is at work there, and what was pushed', async () => {
    const pushed = {v: 1, environment: 'staging', host: 'web-1', revision: 7, by: 'ada', at: since} as const
    const sidecar = {
      version: '1.0.0',
      seenRevision: 1,
      seenAt: since,
      records: 1,
      reloads: {done: 0, refused: 0, avoided: 0},
      workers: 1,
      suspects: [],
      drift: [],
      isReloadOwed: false,
    }
    await catalog.commit(
      '',
      [],
      [
        catalog.agents.put(keys.agent('staging', 'web-2'), anAgent({host: 'web-2', sidecar})),
        catalog.pushedRoutings.put(keys.pushedRouting('staging', 'web-1'), {
          ...pushed,
          generation: 'a'.repeat(64),
        }),
      ],
    )

    const web1 = await showHost(needs(), {...request, host: 'web-1'})
    expect([web1.pushed, web1.agent]).toEqual([{revision: 7, at: since, by: 'ada'}, undefined])
    const web2 = await showHost(needs(), {...request, host: 'web-2'})
    expect([web2.pushed, web2.agent?.isSidecar]).toEqual([undefined, true])
    expect((await showHost(needs(), {...request, host: 'web-3'})).agent?.isSidecar).toBe(false)
  })

  test('are listed although others wrote what can not be trusted, which is named', async () => {
    const planted = hostileNames.filter((name) => name !== '').map((name) => keys.host('staging', name))
    const bad = [...planted, keys.hostDrain('staging', 'web-1'), keys.agent('staging', 'x')]
    await catalog.store.transact(
      [],
      bad.map((put) => ({put, value: JSON.stringify(aHost({address: '10.0.0.1\nserver evil'}))})),
    )

    expect((await listHosts(needs(), request)).map(({name}) => name)).toEqual([
      ...['web-1', 'web-2', 'web-3', 'web-4'],
    ])
    expect(events.filter(({kind}) => kind === 'warning')).toHaveLength(bad.length)
  })

  test.each(hostileNames)('a host or an environment called %j is no name', async (name) => {
    expect((await failureOf(showHost(needs(), {...request, host: name}))).code).toBe('E_NAME_INVALID')
    const elsewhere = {environment: name, declaredEnvironments: []}
    expect((await failureOf(listHosts(needs(), elsewhere))).code).toBe('E_NAME_INVALID')
  })
})
