import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {readRouted} from '../../../src/catalog/snapshot.js'
import {drainHost, enableHost} from '../../../src/lifecycle/hosts/drain.js'
import {ManualClock} from '../../fakes/clock.js'
import {failureOf} from '../../fakes/failure-of.js'
import {aBinding, aHost, anEnvironment, anInstance} from '../../fakes/records.js'

const request = {environment: 'staging', host: 'web-1', declaredEnvironments: [], dryRun: false}

describe('draining a host', () => {
  let catalog: Catalog
  let asked: string[]

  beforeEach(async () => {
    catalog = new Catalog(new MemoryStore())
    asked = []
    const instance = anInstance({environment: 'staging', host: 'web-1'})
    await catalog.commit(
      'seed',
      [],
      [
        catalog.environments.put(keys.environment('staging'), anEnvironment()),
        catalog.hosts.put(keys.host('staging', 'web-1'), aHost()),
        catalog.hosts.put(keys.host('staging', 'web-2'), aHost({name: 'web-2', address: '10.0.0.12'})),
        catalog.bindings.put(keys.binding('staging', 'hello'), aBinding()),
        catalog.instances.put(keys.instance('staging', 'hello', instance.id), instance),
      ],
    )
  })

  const needs = () => ({
    catalog,
    clock: new ManualClock(),
    report: () => undefined,
    actor: 'ada@laptop',
    confirmProtected: async ({purpose}: {purpose: string}) => void asked.push(purpose),
  })
  const drained = async () => (await readRouted(catalog, 'staging')).drains.map(({record}) => record.host)

  test('keeps a record where those who route look, and says who is left without service', async () => {
    expect(await drainHost(needs(), request)).toEqual({
      environment: 'staging',
      host: 'web-1',
      outcome: 'drained',
      dryRun: false,
      drain: {since: '2026-11-20T12:00:00.000Z', by: 'ada@laptop'},
      instances: ['hello-r1@web-1'],
      unserved: ['hello'],
    })
    expect(await drained()).toEqual(['web-1'])
    expect(asked).toEqual(['drain web-1 in staging'])
  })

  test('a service that another host serves is not unserved, unless that is drained, too', async () => {
    const other = anInstance({environment: 'staging', host: 'web-2'})
    await catalog.commit(
      'other',
      [],
      [catalog.instances.put(keys.instance('staging', 'hello', other.id), other)],
    )
    expect((await drainHost(needs(), {...request, dryRun: true})).unserved).toEqual([])

    await drainHost(needs(), {...request, host: 'web-2'})

    expect((await drainHost(needs(), {...request, dryRun: true})).unserved).toEqual(['hello'])
  })

  test('again is unchanged; enabling gives the traffic back, once', async () => {
    await drainHost(needs(), request)
    const again = await drainHost({...needs(), actor: 'bob@desk'}, request)
    expect(again).toMatchObject({outcome: 'unchanged', drain: {by: 'ada@laptop'}})

    expect(await enableHost(needs(), request)).toMatchObject({outcome: 'enabled'})
    expect(await drained()).toEqual([])
    expect(await enableHost(needs(), request)).toMatchObject({outcome: 'unchanged'})
  })

  test('a dry run changes nothing', async () => {
    expect(await drainHost(needs(), {...request, dryRun: true})).toMatchObject({
      outcome: 'drained',
      dryRun: true,
    })
    expect([await drained(), asked]).toEqual([[], []])
  })

  test('a drain that can not be read drains nothing, and enabling is rid of it', async () => {
    await catalog.store.transact([], [{put: keys.hostDrain('staging', 'web-1'), value: '{"v":9}'}])
    expect(await drained()).toEqual([])

    expect(await enableHost(needs(), request)).toMatchObject({outcome: 'enabled'})
    expect(await catalog.store.get(keys.hostDrain('staging', 'web-1'))).toBeUndefined()
  })

  test('a host that is unknown comes with the nearest one', async () => {
    expect(await failureOf(drainHost(needs(), {...request, host: 'wed-1'}))).toMatchObject({
      code: 'E_HOST_UNKNOWN',
      exitCode: 2,
      why: expect.stringContaining('did you mean web-1?'),
    })
  })
})
