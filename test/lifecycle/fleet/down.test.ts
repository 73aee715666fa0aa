import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {fleetDown, type FleetDownOrder} from '../../../src/lifecycle/fleet/down.js'
import {registerFleet} from '../../../src/lifecycle/fleet/register.js'
import {FakeFleet} from '../../fakes/practice-fleet.js'
import {aHost, anInstance} from '../../fakes/records.js'

describe('ending a practice fleet', () => {
  let catalog: Catalog
  let fleet: FakeFleet
  const {signal} = new AbortController()

  beforeEach(async () => {
    catalog = new Catalog(new MemoryStore())
    fleet = new FakeFleet()
    const request = {environment: 'practice', count: 2, report: () => undefined, signal}
    await registerFleet(catalog, await fleet.up(request))
  })

  const down = (order: Partial<FleetDownOrder> = {}) =>
    fleetDown(
      {catalog, fleet, signal, report: () => undefined, failpoint: undefined},
      {keepRecords: false, dryRun: false, ...order},
    )
  const left = async () =>
    (await catalog.store.range('/')).entries.map(({key}) => key.replace('/yard/v1/', '')).sort()
  const addInstance = (host: string) => {
    const instance = anInstance({environment: 'practice', service: 'billing', host})
    const write = catalog.instances.put(keys.instance('practice', 'billing', instance.id), instance)
    return catalog.commit('seed', [], [write])
  }

  const plant = (put: string) => catalog.store.transact([], [{put, value: '{}'}])
  const deployed = async (host: string) => {
    await addInstance(host)
    await plant(keys.status('practice', `billing-r1@${host}`))
    await plant(keys.agent('practice', host))
    await plant(keys.port('practice', host, 20_001))
    await plant(keys.hostDrain('practice', host))
    await plant(keys.pushedRouting('practice', host))
    await plant(keys.binding('practice', 'billing'))
    await plant(keys.scale('practice', 'billing'))
    await plant(keys.deploy('practice', 'billing', 1))
    await plant(keys.deployStep('practice', 'billing', 1, 1, 1))
  }

  test('the hosts end, and the catalog forgets them and the environment', async () => {
    expect(await down()).toEqual({
      ...{dryRun: false, environment: 'practice', ended: ['fleet-1', 'fleet-2']},
      forgotten: {instances: 0, deploys: 0},
    })
    expect(await left()).toEqual([])
    expect(fleet.calls.slice(1)).toEqual(['end', 'forget'])
  })

  test('what is to be kept keeps its host in the catalog, and the reason is told', async () => {
    await addInstance('fleet-2')
    const report = await down({keepRecords: true})
    expect(report).not.toHaveProperty('forgotten')
    expect(report.kept).toBe('1 instance (billing-r1@fleet-2), 1 host (fleet-2)')
    expect(await left()).toEqual([
      'environments/practice',
      'in/practice/hosts/fleet-2',
      'in/practice/rt/inst/billing/billing-r1@fleet-2',
    ])
  })

  test('all that ran there is forgotten, so that the next fleet begins anew', async () => {
    await deployed('fleet-1')
    await deployed('fleet-2')
    const plan = await down({dryRun: true})
    const report = await down()
    expect(report).not.toHaveProperty('kept')
    expect([plan.forgotten, report.forgotten]).toEqual([
      {instances: 2, deploys: 1},
      {instances: 2, deploys: 1},
    ])
    expect(await left()).toEqual([])
  })

  test('variables and public names stay, and the environment with them', async () => {
    await deployed('fleet-1')
    await plant(keys.configValue('practice', 'billing', 'LOG_LEVEL'))
    expect(await down()).toMatchObject({kept: '1 configured variable'})
    expect(await left()).toEqual(['environments/practice', 'in/practice/config/services/billing/LOG_LEVEL'])
  })

  test('while another machine is in the environment, what is live there stays so', async () => {
    const other = aHost({environment: 'practice', name: 'web-1', address: '10.0.0.2'})
    await catalog.commit('seed', [], [catalog.hosts.put(keys.host('practice', 'web-1'), other)])
    await deployed('fleet-1')
    await addInstance('web-1')
    await down()
    expect(await left()).toEqual(
      expect.arrayContaining([
        'in/practice/hosts/web-1',
        'in/practice/rt/bind/billing',
        'in/practice/rt/inst/billing/billing-r1@web-1',
      ]),
    )
    expect((await left()).filter((key) => key.includes('fleet-'))).toEqual([])
  })

  test('more records than a transaction takes are forgotten, too', async () => {
    for (let port = 20_000; port < 20_250; port++) await plant(keys.port('practice', 'fleet-1', port))
    await down()
    expect(await left()).toEqual([])
  })

  test('another machine of the same name stays, with what runs there', async () => {
    const other = aHost({environment: 'practice', name: 'fleet-2', address: '10.0.0.2'})
    await catalog.commit('seed', [], [catalog.hosts.put(keys.host('practice', 'fleet-2'), other)])
    await addInstance('fleet-2')
    expect(await down()).toMatchObject({kept: '1 instance (billing-r1@fleet-2), 1 host (fleet-2)'})
    expect(await left()).toContain('in/practice/hosts/fleet-2')
    expect(await left()).toContain('in/practice/rt/inst/billing/billing-r1@fleet-2')
  })

  test('a dry run ends nothing', async () => {
    const before = await left()
    expect(await down({dryRun: true})).toEqual({
      dryRun: true,
      environment: 'practice',
      ended: ['fleet-1', 'fleet-2'],
      forgotten: {instances: 0, deploys: 0},
    })
    expect([await left(), fleet.calls]).toEqual([before, ['up practice 2']])
  })

  test('without a fleet what may be left of one is removed all the same', async () => {
    await down()
    fleet.calls = []
    expect(await down()).toEqual({dryRun: false, ended: []})
    expect(fleet.calls).toEqual(['end', 'forget'])
  })
})
