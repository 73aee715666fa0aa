import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {unfaithfulness} from '../../../src/domain/haproxy/faithful.js'
import {type InstalledRouting, renderHost, type RenderRequest} from '../../../src/lifecycle/render/haproxy.js'
import {renderHaproxy} from '../../../src/templates/haproxy.js'
import {failureOf} from '../../fakes/failure-of.js'
import {
  aBinding,
  aHost,
  anAgent,
  anEnvironment,
  anInstance,
  aPublicRoute,
  aService,
} from '../../fakes/records.js'

const edge = {httpPort: 8080, redirect: false, maxBodyBytes: 1_024}
const request: RenderRequest = {
  environment: 'staging',
  host: 'web-1',
  isEdge: false,
  haproxyVersion: undefined,
  isCompared: false,
  declaredEnvironments: [],
}

describe('rendering the HAProxy of a host', () => {
  let catalog: Catalog
  let events: YardEvent[]
  let installed: InstalledRouting
  let versionHere: string | undefined

  beforeEach(async () => {
    catalog = new Catalog(new MemoryStore())
    events = []
    installed = {haproxyVersion: '2.4.22', adminSocket: '/run/elsewhere.sock', files: undefined}
    versionHere = '2.6.12'
    const instance = anInstance({environment: 'staging', host: 'web-1', address: '10.0.0.11'})
    await catalog.commit(
      'seed',
      [],
      [
        catalog.environments.put(keys.environment('staging'), anEnvironment({edge})),
        catalog.hosts.put(keys.host('staging', 'web-1'), aHost()),
        catalog.hosts.put(
          keys.host('staging', 'edge-1'),
          aHost({name: 'edge-1', address: '10.0.0.20', edge: true}),
        ),
        catalog.services.put(keys.service('hello'), aService()),
        catalog.bindings.put(keys.binding('staging', 'hello'), aBinding()),
        catalog.instances.put(keys.instance('staging', 'hello', instance.id), instance),
        catalog.publicRoutes.put(keys.publicRoute('staging', 'hello.example.org', '/'), aPublicRoute()),
      ],
    )
  })

  const render = (changes: Partial<RenderRequest> = {}) =>
    renderHost(
      {
        catalog,
        report: (event) => void events.push(event),
        render: renderHaproxy,
        unfaithfulness,
        adminSocket: () => '/run/yard/haproxy.sock',
        installed: async () => installed,
        versionHere: async () => versionHere,
      },
      {...request, ...changes},
    )
  const textOf = (files: readonly {name: string; text: string}[], name: string) =>
    files.find((file) => file.name === name)?.text ?? ''

  test('gives all its files, and what they are made of', async () => {
    const report = await render()

    expect(report).toMatchObject({
      environment: 'staging',
      host: 'web-1',
      haproxyVersion: '2.6.12',
      revision: 1,
      skipped: [],
    })
    expect(report.files.map(({name}) => name)).toEqual([
      ...['haproxy.cfg', 'services.map', 'maintenance.map', 'servers.state'],
    ])
    const config = textOf(report.files, 'haproxy.cfg')
    expect(config).toContain('10.0.0.11:21001')
    expect(config).toContain('/run/yard/haproxy.sock')
    expect(config).toContain(report.generation)
    expect(await render()).toEqual(report)
  })

  test('is for the HAProxy that is named, else the one of its sidecar, else the one here, else 2.6', async () => {
    const agent = anAgent({haproxyVersion: '3.0.5'})
    await catalog.commit('', [], [catalog.agents.put(keys.agent('staging', 'web-1'), agent)])
    expect((await render({haproxyVersion: '2.4'})).haproxyVersion).toBe('2.4')
    expect((await render()).haproxyVersion).toBe('3.0.5')
    expect((await render({host: 'edge-1'})).haproxyVersion).toBe('2.6.12')
    versionHere = undefined
    expect((await render({host: 'edge-1'})).haproxyVersion).toBe('2.6.0')
  })

  test('has the public part for a host that faces the outside, the first one unless it is named', async () => {
    const {files, host} = await render({host: undefined, isEdge: true})

    expect(host).toBe('edge-1')
    expect(textOf(files, 'public.map')).toContain('hello.example.org')
    expect(textOf((await render()).files, 'public.map')).toBe('')
  })

  test('leaves out what can not be trusted, and tells it', async () => {
    const evil = {...anInstance({environment: 'staging', host: 'web-1', release: 2}), address: '1 } bind *:1'}
    const key = keys.instance('staging', 'hello', evil.id)
    await catalog.store.transact([], [{put: key, value: JSON.stringify(evil)}])

    const {files} = await render()

    expect(textOf(files, 'haproxy.cfg')).not.toContain('bind *:1')
    expect(events).toEqual([{kind: 'warning', text: expect.stringContaining(key)}])
  })

  test('compared with what the host has, shows what differs, for its HAProxy and its certificates', async () => {
    const first = await render({isCompared: true})
    expect([first.haproxyVersion, first.differences?.map(({name}) => name)]).toEqual([
      '2.4.22',
      ['haproxy.cfg', 'services.map'],
    ])
    expect(first.differences?.[1]?.lines).toEqual([{kind: 'added', text: expect.stringMatching(/^hello /)}])

    const files = new Map(first.files.map(({name, text}) => [name, text]))
    installed = {...installed, files}
    expect((await render({isCompared: true})).differences).toEqual([])

    files.set('old.map', 'x y\n')
    const other = anInstance({environment: 'staging', host: 'web-1', address: '10.0.0.11', port: 21_002})
    await catalog.commit('', [], [catalog.instances.put(keys.instance('staging', 'hello', other.id), other)])
    const {differences = []} = await render({isCompared: true})
    expect(differences.map(({name}) => name)).toEqual(['haproxy.cfg', 'old.map'])
    const changed = differences[0]?.lines
      .filter(({kind}) => kind !== 'same')
      .map(({kind, text}) => [kind, text])
    expect(changed).toEqual([
      ['removed', expect.stringContaining('10.0.0.11:21001')],
      ['added', expect.stringContaining('10.0.0.11:21002')],
    ])
  })

  test('shows the copies of certificates that the host has', async () => {
    const tls = {...edge, httpsPort: 8443, certificates: '/etc/yard/certificates'}
    const writes = [catalog.environments.put(keys.environment('staging'), anEnvironment({edge: tls}))]
    await catalog.commit('', [], writes)
    const copy = '/var/lib/yard/haproxy/certificates/0a.pem'
    installed = {...installed, files: new Map([['certificates.list', `${copy}\n`]])}

    const {files} = await render({host: undefined, isEdge: true, isCompared: true})

    expect(textOf(files, 'certificates.list')).toContain(copy)
  })

  test('that could not be proven to be what the catalog says is refused', async () => {
    const needs = {
      catalog,
      report: () => undefined,
      render: renderHaproxy,
      unfaithfulness: () => 'a server too many',
      adminSocket: () => '/run/yard/haproxy.sock',
      installed: async () => installed,
      versionHere: async () => versionHere,
    }
    expect(await failureOf(renderHost(needs, request))).toMatchObject({
      code: 'E_HAPROXY_CONFIG',
      why: expect.stringContaining('a server too many'),
    })
  })

  test.each([
    [{host: undefined}, 'E_USAGE', 'it has 2'],
    [{host: 'web-7'}, 'E_HOST_UNKNOWN', 'did you mean web-1?'],
    [{host: '"\n'}, 'E_HOST_UNKNOWN', 'no host of it has this name'],
    [{isEdge: true}, 'E_USAGE', 'web-1 faces nobody outside'],
    [{environment: 'local', host: undefined, isEdge: true}, 'E_USAGE', 'faces nobody outside'],
    [{environment: 'nowhere'}, 'E_ENVIRONMENT_UNKNOWN', ''],
  ] as const)('of %j is refused', async (changes, code, why) => {
    expect(await failureOf(render(changes))).toMatchObject({code, why: expect.stringContaining(why)})
  })

  test('of this machine works before its first yard up', async () => {
    const report = await render({environment: 'local', host: undefined})

    expect(report).toMatchObject({environment: 'local', files: {length: 4}})
    expect(report.host).toBeUndefined()
  })

  test('of an environment without an edge or hosts says what is missing', async () => {
    await catalog.commit('', [], [catalog.environments.put(keys.environment('staging'), anEnvironment())])
    expect(await failureOf(render({host: undefined, isEdge: true}))).toMatchObject({
      why: 'staging has no edge: group in yard.yaml',
    })
    const empty = anEnvironment({name: 'empty'})
    await catalog.commit('', [], [catalog.environments.put(keys.environment('empty'), empty)])
    expect(await failureOf(render({environment: 'empty', host: undefined}))).toMatchObject({
      why: 'it has none yet',
      next: ['yard hosts add web-1 --env empty --address 10.0.0.11'],
    })
  })
})
