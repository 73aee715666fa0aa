import {expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {readRouted} from '../../src/catalog/snapshot.js'
import {aBinding, aMaintenance, anInstance, aPublicRoute} from '../fakes/records.js'

async function planted(entries: Record<string, unknown>): Promise<Catalog> {
  const catalog = new Catalog(new MemoryStore())
  const writes = Object.entries(entries).map(([put, value]) => ({put, value: JSON.stringify(value)}))
  await catalog.store.transact([], writes)
  return catalog
}

test('everything that hosts follow is read at one revision', async () => {
  const catalog = await planted({
    [keys.binding('local', 'hello')]: aBinding(),
    [keys.instance('local', 'hello', 'hello-r1@localhost')]: anInstance(),
    [keys.binding('staging', 'hello')]: aBinding({active: 9}),
  })

  const snapshot = await readRouted(catalog, 'local')

  expect(snapshot).toMatchObject({revision: 1, bad: []})
  expect(snapshot.bindings.map(({record}) => record)).toEqual([aBinding()])
  expect(snapshot.instances.map(({record}) => record)).toEqual([anInstance()])
})

test('a record that can not be trusted is reported, and the rest is read', async () => {
  const evil = anInstance({address: '127.0.0.1:80\n  server evil 6.6.6.6:80'})
  const catalog = await planted({
    [keys.binding('local', 'hello')]: aBinding(),
    [keys.binding('local', 'other')]: aBinding({service: 'hello'}),
    [keys.instance('local', 'hello', 'hello-r1@localhost')]: anInstance(),
    [keys.instance('local', 'hello', 'hello-r2@localhost')]: {...evil, release: 2, id: 'hello-r2@localhost'},
    [`${keys.routed('local')}future/x`]: {},
  })

  const {bindings, instances, bad} = await readRouted(catalog, 'local')

  expect([bindings.length, instances.length]).toEqual([1, 1])
  expect(bad).toEqual([
    {key: keys.binding('local', 'other'), why: 'its content says that it belongs to another key'},
    {key: keys.instance('local', 'hello', 'hello-r2@localhost'), why: 'address: is not an IPv4 address'},
    {key: `${keys.routed('local')}future/x`, why: 'is of a kind that this yard does not know'},
  ])
})

test('drains of hosts are read; one that names another host or can not be read drains nothing', async () => {
  const drain = {v: 1, host: 'web-1', environment: 'local', since: '2026-11-20T12:00:00.000Z', by: 'ada'}
  const catalog = await planted({
    [keys.hostDrain('local', 'web-1')]: drain,
    [keys.hostDrain('local', 'web-2')]: drain,
    [keys.hostDrain('local', 'web-3')]: {...drain, host: 'web-3', v: 9},
  })

  const {bad, drains} = await readRouted(catalog, 'local')

  expect(drains.map(({record}) => record)).toEqual([drain])
  expect(bad.map(({key}) => key)).toEqual([
    keys.hostDrain('local', 'web-2'),
    keys.hostDrain('local', 'web-3'),
  ])
})

test('public names and closed services are read; those of another place, or that hold what is no name, are not', async () => {
  const route = aPublicRoute({environment: 'local', path: '/api'})
  const maintenance = aMaintenance({environment: 'local'})
  const bad = {
    [keys.publicRoute('local', 'evil.example.org', '/')]: aPublicRoute({environment: 'local'}),
    [keys.publicRoute('local', 'hello.example.org', '/x')]: {...route, path: '/x\n  bind *:80'},
    [keys.publicRoute('local', '10.0.0.1', '/')]: {...route, host: '10.0.0.1', path: '/'},
    [keys.maintenance('local', 'other')]: {...maintenance, service: 'other', message: '<script>'},
    [keys.maintenance('local', 'third')]: aMaintenance({service: 'third'}),
  }
  const catalog = await planted({
    [keys.publicRoute('local', 'hello.example.org', '/api')]: route,
    [keys.maintenance('local', 'hello')]: maintenance,
    [keys.lossAcceptance('local')]: {v: 1, environment: 'local', by: 'ada', at: '2026-11-20T12:00:00.000Z'},
    ...bad,
  })

  const snapshot = await readRouted(catalog, 'local')

  expect(snapshot.publicRoutes.map(({record}) => record)).toEqual([route])
  expect(snapshot.maintenances.map(({record}) => record)).toEqual([maintenance])
  expect(snapshot.bad.map(({key}) => key).sort()).toEqual(Object.keys(bad).sort())
})
