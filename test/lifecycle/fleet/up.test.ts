import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type Environment} from '../../../src/domain/environment.js'
import {fleetStatus} from '../../../src/lifecycle/fleet/status.js'
import {fleetUp, type FleetUpOrder} from '../../../src/lifecycle/fleet/up.js'
import {failureOf} from '../../fakes/failure-of.js'
import {hostileNames} from '../../fakes/hostile-names.js'
import {FakeFleet} from '../../fakes/practice-fleet.js'
import {aHost, anEnvironment} from '../../fakes/records.js'

describe('starting a practice fleet', () => {
  let catalog: Catalog
  let fleet: FakeFleet
  let moments: string[]

  beforeEach(() => {
    catalog = new Catalog(new MemoryStore())
    fleet = new FakeFleet()
    moments = []
  })

  const up = (order: Partial<FleetUpOrder> = {}) => {
    const failpoint = async (step: string, moment: string) => void moments.push(`${step}:${moment}`)
    const {signal} = new AbortController()
    const needs = {catalog, fleet, failpoint, signal, report: () => undefined}
    return fleetUp(needs, {environment: 'practice', hosts: 2, dryRun: false, ...order})
  }
  const host = async (name: string) => (await catalog.hosts.get(keys.host('practice', name)))?.record
  const seed = (environment: Partial<Environment>, ...hosts: Parameters<typeof aHost>[0][]) =>
    catalog.commit(
      'seed',
      [],
      [
        catalog.environments.put(
          keys.environment('practice'),
          anEnvironment({name: 'practice', ...environment}),
        ),
        ...hosts.map((each) => {
          const record = aHost({environment: 'practice', ...each})
          return catalog.hosts.put(keys.host('practice', record.name), record)
        }),
      ],
    )

  test('the environment and its hosts are in the catalog, with their SSH keys', async () => {
    const report = await up()
    expect(report).toMatchObject({started: ['fleet-1', 'fleet-2'], identityFile: '/state/fleet/id'})
    expect((await catalog.environments.get(keys.environment('practice')))?.record).toMatchObject({
      kind: 'hosts',
    })
    expect(await host('fleet-2')).toEqual({
      v: 1,
      name: 'fleet-2',
      environment: 'practice',
      address: '10.213.7.12',
      description: 'of the practice fleet',
      sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA2'],
    })
    expect(moments).toEqual(['fleet-up:up', 'fleet-up:registered'])
    expect(await fleetStatus({fleet})).toMatchObject({environment: 'practice', hosts: [{}, {}]})
  })

  test('again writes nothing; one more host is added to those there are', async () => {
    await up()
    const {revision} = await catalog.store.range('/')
    expect(await up({hosts: 1})).toMatchObject({started: [], hosts: [{}, {}]})
    expect((await catalog.store.range('/')).revision).toBe(revision)
    expect(await up({hosts: 3})).toMatchObject({started: ['fleet-3']})
    expect(await host('fleet-3')).toBeDefined()
  })

  test('whom to log in as is kept while the host is set up, and forgotten with its disk', async () => {
    await up()
    await seed({}, {...(await host('fleet-1')), user: 'yard', description: 'mine', zone: 'a'})
    fleet.present!.hosts[0]!.isSetUp = true
    await up()
    expect(await host('fleet-1')).toMatchObject({user: 'yard', description: 'mine', zone: 'a'})

    fleet.present!.hosts[0]!.isSetUp = false
    await up()
    expect(await host('fleet-1')).not.toHaveProperty('user')
    expect(await host('fleet-1')).toMatchObject({description: 'mine', zone: 'a'})
  })

  test('addresses that changed are told to the catalog, and a record that can not be read is replaced', async () => {
    await up()
    await catalog.store.transact([], [{put: keys.host('practice', 'fleet-2'), value: '{"v":9}'}])
    fleet.subnet = '10.213.8'
    await up()
    expect(await host('fleet-1')).toMatchObject({address: '10.213.8.11'})
    expect(await host('fleet-2')).toMatchObject({address: '10.213.8.12'})
  })

  test('a dry run says what would be started, and changes nothing', async () => {
    expect(await up({dryRun: true})).toEqual({
      environment: 'practice',
      dryRun: true,
      started: ['fleet-1', 'fleet-2'],
      hosts: [],
    })
    expect([fleet.calls, (await catalog.store.range('/')).entries]).toEqual([[], []])
  })

  test.each<[string, () => Promise<unknown>]>([
    ['it has hosts of its own: web-1', () => seed({}, {name: 'web-1'})],
    ['it is protected', () => seed({protected: true})],
    ['a platform file declares it', () => seed({declared: true})],
  ])('an environment that is not its own is left alone: %s', async (why, prepare) => {
    await prepare()
    expect(await failureOf(up())).toMatchObject({code: 'E_USAGE', why})
    expect(fleet.calls).toEqual([])
  })

  test('somebody who adds a host of their own at that moment keeps the environment', async () => {
    const original = fleet.up.bind(fleet)
    fleet.up = async (request) => {
      await seed({}, {name: 'web-1'})
      return original(request)
    }
    expect(await failureOf(up())).toMatchObject({code: 'E_USAGE'})
    expect([await host('web-1'), await host('fleet-1')]).toEqual([expect.anything(), undefined])
  })

  test('one fleet is one environment', async () => {
    await up()
    expect(await failureOf(up({environment: 'other'}))).toMatchObject({
      code: 'E_USAGE',
      next: ['yard fleet up --env practice', expect.anything()],
    })
  })

  test.each([0, -1, 31, 1.5, Number.NaN])('%p hosts are refused', async (hosts) => {
    expect(await failureOf(up({hosts}))).toMatchObject({code: 'E_USAGE', exitCode: 2})
    expect(fleet.calls).toEqual([])
  })

  test('hostile names and local are refused', async () => {
    for (const environment of hostileNames)
      expect(await failureOf(up({environment}))).toMatchObject({code: 'E_NAME_INVALID'})
    expect(await failureOf(up({environment: 'local'}))).toMatchObject({code: 'E_USAGE'})
  })
})
