import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {type AddressInfo, createServer} from 'node:net'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {freePorts} from '../../support/free-port.js'
import {SystemClock} from '../../../src/adapters/clock-system/index.js'
import {HaproxyRouter} from '../../../src/adapters/router-haproxy/index.js'
import {findHaproxy} from '../../../src/adapters/router-host-local/index.js'
import {SshRouterHost} from '../../../src/adapters/router-host-ssh/index.js'
import {SshRemoteShell} from '../../../src/adapters/shell-ssh/index.js'
import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type Host} from '../../../src/domain/environment.js'
import {type RoutingModel} from '../../../src/domain/routing.js'
import {routingDifference} from '../../../src/lifecycle/push/difference.js'
import {type PushNeeds, type PushTarget} from '../../../src/lifecycle/push/needs.js'
import {push} from '../../../src/lifecycle/push/push.js'
import {renderHaproxy} from '../../../src/templates/haproxy.js'
import {fakeIdentity} from '../../fakes/identity.js'
import {aBinding, aHost, anEnvironment, anInstance, aService} from '../../fakes/records.js'
import {Upstream} from '../../fakes/upstream.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {type Sshd, startSshd} from '../../support/ssh/sshd.js'

const found = await findHaproxy({
  override: process.env['YARD_HAPROXY'],
  searchPath: (process.env['PATH'] ?? '').split(path.delimiter),
}).catch(() => undefined)
const missing = sshdMissing() ?? (found === undefined ? 'haproxy is not installed' : undefined)
const names = ['web-1', 'web-2', 'web-3']
const request = {environment: 'staging', isPlan: false, acceptsNewKey: false}

if (missing !== undefined) test.skip(`pushing over SSH (skipped: ${missing})`, () => undefined)
else describe('pushing over SSH to hosts with a real HAProxy', pushing)

/** Three "hosts" on one machine, each with an sshd, a directory and a port of its own. */
function pushing(): void {
  let root: string
  let catalog: Catalog
  let upstreams: Upstream[]
  let statistics: {web: string; port: number} | undefined
  const machines = new Map<string, {sshd: Sshd; port: number}>()

  beforeEach(async () => {
    root = mkdtempSync(path.join(tmpdir(), 'yp-'))
    catalog = new Catalog(new MemoryStore())
    statistics = undefined
    upstreams = [await Upstream.start(), await Upstream.start()]
    const ports = await freePorts(names.length)
    const writes = [
      catalog.environments.put(keys.environment('staging'), anEnvironment()),
      catalog.services.put(keys.service('hello'), aService()),
      catalog.bindings.put(keys.binding('staging', 'hello'), aBinding()),
    ]
    for (const [index, name] of names.entries()) {
      const sshd = await startSshd({address: `127.0.0.${index + 2}`})
      machines.set(name, {sshd, port: ports[index]!})
      const host = aHost({name, address: sshd.address, sshKeys: [...sshd.hostKeys]})
      writes.push(catalog.hosts.put(keys.host('staging', name), host))
    }
    await catalog.commit('seed', [], writes)
    await put('web-1', upstreams[0]!.port)
  })

  afterEach(async () => {
    for (const name of names) {
      const {sshd} = machines.get(name)!
      await sshd.kill()
      await sshd.start()
      const {host, shell} = open(aHost({name, sshKeys: [...sshd.hostKeys]}))
      await host.stopHaproxy()
      await shell.close()
      await sshd.remove()
    }
    machines.clear()
    for (const upstream of upstreams) await upstream.stop()
    rmSync(root, {recursive: true, force: true})
  })

  async function put(host: string, port: number): Promise<void> {
    const instance = anInstance({environment: 'staging', host, address: '127.0.0.1', port})
    await catalog.commit(
      'put',
      [],
      [catalog.instances.put(keys.instance('staging', 'hello', instance.id), instance)],
    )
  }

  function open({name, sshKeys = []}: Host): {host: SshRouterHost; shell: SshRemoteShell} {
    const {sshd} = machines.get(name)!
    const shell = new SshRemoteShell(sshd.settings({host: name, pinnedKeys: sshKeys}))
    const places = {
      directory: path.join(root, name, 'haproxy'),
      adminSocket: path.join(root, name, 'run', 'haproxy.sock'),
      masterSocket: path.join(root, name, 'run', 'haproxy-master.sock'),
    }
    return {host: new SshRouterHost({shell, haproxy: found!.file, places}), shell}
  }

  function needs(): PushNeeds {
    return {
      catalog,
      clock: new SystemClock(),
      report: () => undefined,
      signal: new AbortController().signal,
      actor: 'ada@laptop',
      identity: fakeIdentity(),
      confirmProtected: async () => undefined,
      openHost: async (record): Promise<PushTarget> => {
        const {host, shell} = open(record)
        const {port} = machines.get(record.name)!
        const router = new HaproxyRouter({host, clock: new SystemClock(), render: renderHaproxy})
        return {
          // All of them listen on one machine here.
          router: {
            start: (model: RoutingModel) => {
              const own = {...model, listen: {address: '127.0.0.1', port}}
              delete own.statistics
              if (statistics?.web !== record.name) return router.start(own)
              return router.start({...own, statistics: {address: '127.0.0.1', port: statistics.port}})
            },
          },
          difference: async () => routingDifference(await host.installed(), new Map()),
          newHostKey: () => shell.newHostKey,
          close: () => shell.close(),
        }
      },
    }
  }

  async function answerOn(name: string): Promise<number> {
    const {port} = machines.get(name)!
    const response = await fetch(`http://127.0.0.1:${port}/`, {headers: {'Yard-Service': 'hello'}}).catch(
      () => undefined,
    )
    return response?.status ?? 0
  }

  test('starts HAProxy where none runs, changes it without a reload after that, and does nothing when nothing changed', async () => {
    const first = await push(needs(), request)
    expect(first.hosts.map(({problem}) => problem)).toEqual([undefined, undefined, undefined])
    for (const name of names) await served(name)

    await put('web-2', upstreams[1]!.port)
    const second = await push(needs(), request)
    const third = await push(needs(), request)

    expect(second.hosts.map(({outcome}) => outcome)).toEqual(['runtime', 'runtime', 'runtime'])
    expect(third.hosts.map(({outcome}) => outcome)).toEqual(['unchanged', 'unchanged', 'unchanged'])
    expect(second.hosts[0]?.revisionBefore).toBe(first.revision)
  })

  test('a host that is down, or is no longer the machine it was, keeps nobody from being served', async () => {
    await machines.get('web-2')!.sshd.kill()
    const stranger = machines.get('web-3')!.sshd
    await stranger.kill()
    stranger.makeHostKeys(['ed25519'])
    await stranger.start()

    const report = await push(needs(), request)

    expect(report.code).toBe('E_PUSH_FAILED')
    expect(report.hosts.map(({problem}) => problem?.code)).toEqual([
      undefined,
      'E_HOST_UNREACHABLE',
      'E_HOST_KEY',
    ])
    await served('web-1')
    await machines.get('web-2')!.sshd.start()
    expect((await push(needs(), {...request, hosts: ['web-2']})).code).toBeUndefined()
    await served('web-2')
  })

  test('a host where it cannot go live keeps what it had, on disk and running', async () => {
    await push(needs(), request)
    await served('web-1')
    const file = path.join(root, 'web-1', 'haproxy', 'haproxy.cfg')
    const before = readFileSync(file, 'utf8')
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    statistics = {web: 'web-1', port: (holder.address() as AddressInfo).port}
    try {
      const report = await push(needs(), request)
      expect(report.hosts.map(({outcome}) => outcome)).toEqual(['failed', 'unchanged', 'unchanged'])
      expect(report.hosts[0]?.problem).toMatchObject({code: 'E_PORT_TAKEN'})
      expect(readFileSync(file, 'utf8')).toBe(before)
      expect(await answerOn('web-1')).toBe(200)
    } finally {
      holder.close()
    }
    expect((await push(needs(), request)).hosts.map(({outcome}) => outcome)).toEqual([
      'reload',
      'unchanged',
      'unchanged',
    ])
  })

  async function served(name: string): Promise<void> {
    const deadline = Date.now() + 20_000
    while ((await answerOn(name)) !== 200) {
      if (Date.now() > deadline) throw new Error(`${name} does not serve: ${await answerOn(name)}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
