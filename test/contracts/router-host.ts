import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {freePort} from '../support/free-port.js'
import {type HostFile, type RouterHost} from '../../src/contracts/router-host.js'
import {Upstream} from '../fakes/upstream.js'
import {eventually} from '../adapters/processes-local/playground.js'

import {routerHostCertificateContract} from './router-host-certificates.js'
import {asMap, hold, modeOf} from './router-host-files.js'

/** What the suite needs of a host to try it. The host is this machine, whatever way leads to it, and has a real HAProxy. */
export interface RouterHostHarness {
  /** The same host each time, by a handle that knows nothing of the earlier ones; nothing is on it at first. */
  open(): Promise<RouterHost>
  /** Whether somebody starts HAProxy again there when it ends by itself. */
  readonly isLookedAfter: boolean
  /** Ends whatever is left and removes it. */
  clear(): Promise<void>
}

/** What every `RouterHost` promises. */
export function routerHostContract(name: string, makeHarness: () => Promise<RouterHostHarness>): void {
  describe(name, () => {
    let harness: RouterHostHarness
    let host: RouterHost

    beforeEach(async () => {
      harness = await makeHarness()
      host = await harness.open()
    })

    afterEach(async () => {
      await harness.clear()
    })

    test('names its HAProxy and its places', async () => {
      expect(await host.haproxyVersion()).toMatch(/^\d+\.\d+\.\d+/)
      expect(Object.values(host.places).every((place: string) => path.isAbsolute(place))).toBe(true)
      expect(host.name).not.toBe('')
    })

    test('has nothing in place before something is installed', async () => {
      expect(await host.installed()).toBeUndefined()
      await host.writeCandidate(filesOn(await freePort(), host))
      expect(await host.installed()).toBeUndefined()
      expect(await host.restorePrevious()).toBe(false)
    })

    test('puts the candidate in place byte by byte, for its owner alone, and keeps what was there', async () => {
      const [first, second] = [filesOn(await freePort(), host), filesOn(await freePort(), host)]
      await installed(host, first)
      expect(await (await harness.open()).installed()).toEqual(asMap(first))
      expect(modeOf(path.join(host.places.directory, 'haproxy.cfg'))).toBe('600')

      await installed(host, [...second, {name: 'public.map', text: ''}])
      expect(await host.installed()).toEqual(asMap([...second, {name: 'public.map', text: ''}]))
      expect(await host.restorePrevious()).toBe(true)
      expect(await host.installed()).toEqual(asMap(first))
    })

    test('replaces one file in place, and leaves the others and the previous ones', async () => {
      const [first, second] = [filesOn(await freePort(), host), filesOn(await freePort(), host)]
      const states = {name: 'servers.state', text: '1\n'}
      await installed(host, [...first, states])
      await host.replaceFile({name: 'servers.state', text: '1\n0 a\n'})
      expect(await host.installed()).toEqual(asMap([...first, {name: 'servers.state', text: '1\n0 a\n'}]))
      await installed(host, [...second, states])
      await host.replaceFile({name: 'servers.state', text: ''})
      expect(modeOf(path.join(host.places.directory, 'servers.state'))).toBe('600')

      expect(await host.restorePrevious()).toBe(true)
      expect(await host.installed()).toEqual(asMap([...first, {name: 'servers.state', text: '1\n0 a\n'}]))
    })

    test('leaves nothing in place that the candidate does not hold', async () => {
      const files = filesOn(await freePort(), host)
      await installed(host, [...files, {name: 'public.map', text: 'a b\n'}])
      await installed(host, files)

      expect(await host.installed()).toEqual(asMap(files))
    })

    test('forgets a candidate for the next one', async () => {
      const files = filesOn(await freePort(), host)
      await host.writeCandidate([...files, {name: 'public.map', text: 'a b\n'}])
      await installed(host, files)

      expect(await host.installed()).toEqual(asMap(files))
    })

    test('keeps a text of every size and character', async () => {
      const printable = Array.from({length: 95}, (_, index) => String.fromCharCode(32 + index)).join('')
      const large = `${printable}\n\n'"$HOME \`id\` \\n %s %n\n`.repeat(20_000)
      const files = [...filesOn(await freePort(), host), {name: 'maintenance.map', text: large}]
      await installed(host, files)

      expect(await host.installed()).toEqual(asMap(files))
    })

    test('tells what HAProxy objects to in the candidate', async () => {
      const files = filesOn(await freePort(), host)
      await host.writeCandidate(files)
      expect(await host.checkCandidate()).toBeUndefined()

      await host.writeCandidate([{name: 'haproxy.cfg', text: 'frontend x\n  nonsense\n'}])
      expect(await host.checkCandidate()).toContain('nonsense')
    })

    test('has no answer where nobody listens', async () => {
      expect(await host.ask('admin', 'show info')).toBeUndefined()
      expect(await host.ask('master', 'show proc')).toBeUndefined()
      expect(await host.signalReload()).toBe(false)
      expect((await host.haproxyProcess()).isRunning).toBe(false)
    })

    test('starts HAProxy from what is in place, once', async () => {
      const port = await freePort()
      await running(host, port)
      const master = await masterPid(host)

      await host.startHaproxy()
      expect(await masterPid(host)).toBe(master)
      expect(await (await harness.open()).haproxyProcess()).toMatchObject({isRunning: true})
      expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404)
    })

    test('brings answers in whole', async () => {
      const servers = Array.from({length: 2_000}, (_, index) => `  server s${index} 127.0.0.1:1 disabled\n`)
      await running(host, await freePort(), `backend many\n${servers.join('')}`)
      const answer = await host.ask('admin', 'show servers state many')

      expect(answer?.split('\n').filter((line) => / s\d+ /.test(line))).toHaveLength(2_000)
    })

    test('hands over long lines as they are', async () => {
      await running(host, await freePort())
      const entries = Array.from(
        {length: 200},
        (_, index) => `add map services.map service-${index} backend-${index}`,
      )
      await host.ask('admin', entries.join(';'))

      const map = await host.ask('admin', 'show map services.map')
      expect(map?.match(/service-\d+ backend-\d+/g)).toHaveLength(200)
    })

    test('reloads by a signal, and ends a worker', async () => {
      await running(host, await freePort())
      const worker = await workerPid(host)

      expect(await host.signalReload()).toBe(true)
      await eventually(
        'another worker',
        async () => ![undefined, worker].includes(await workerPid(host)),
        20_000,
      )
      const present = (await workerPid(host))!
      await host.terminateWorker(present)
      await eventually('the end of the worker', async () => (await workerPid(host)) !== present, 20_000)
    })

    test('does not end a process that is no worker of its HAProxy', async () => {
      await running(host, await freePort())
      const master = (await masterPid(host))!
      await host.terminateWorker(master)
      await host.terminateWorker(process.pid)

      expect(await masterPid(host)).toBe(master)
    })

    test('kills a HAProxy that stands still', async () => {
      await running(host, await freePort())
      const [master, worker] = [(await masterPid(host))!, (await workerPid(host))!]
      for (const pid of [master, worker]) process.kill(pid, 'SIGSTOP')

      await host.killHaproxy()
      if (harness.isLookedAfter) {
        await eventually(
          'another one',
          async () => ![undefined, worker].includes(await workerPid(host)),
          20_000,
        )
        expect((await host.haproxyProcess()).restarts).toBeGreaterThan(0)
      } else await eventually('its end', async () => (await host.ask('admin', 'show info')) === undefined)
    })

    test('ends HAProxy', async () => {
      await running(host, await freePort())
      await host.stopHaproxy()

      await eventually('its end', async () => (await host.ask('admin', 'show info')) === undefined)
      expect((await host.haproxyProcess()).isRunning).toBe(false)
      await host.stopHaproxy()
    })

    test('tells a free address from a taken one and from none of its own', async () => {
      const port = await freePort()
      expect(await host.bindFault({address: '127.0.0.1', port})).toBeUndefined()
      const holder = await hold(port)
      expect(await host.bindFault({address: '127.0.0.1', port})).toBe('taken')
      expect(await host.bindFault({address: '0.0.0.0', port})).toBe('taken')
      await new Promise((resolve) => holder.close(resolve))
      expect(await host.bindFault({address: '203.0.113.9', port})).toBe('no-such-address')
    })

    test('knows how many files its HAProxy may open, or says that it does not', async () => {
      await running(host, await freePort())
      const limit = await host.descriptorLimit()

      expect(limit === undefined || limit > 100).toBe(true)
    })

    test('asks a server for its health where it can', async () => {
      const upstream = await Upstream.start()
      const check = {address: '127.0.0.1', port: upstream.port, path: '/readyz', host: 'hello.localhost'}
      const ready = await host.passesCheck(check)
      upstream.readyStatus = 503
      const unready = await host.passesCheck(check)
      await upstream.stop()
      const gone = await host.passesCheck(check)

      expect([true, undefined]).toContain(ready)
      expect([unready, gone]).toEqual(ready === undefined ? [undefined, undefined] : [false, false])
    })

    test('asks a server without a health path whether it accepts connections', async () => {
      const upstream = await Upstream.start()
      upstream.readyStatus = 503
      const check = {address: '127.0.0.1', port: upstream.port, path: undefined, host: 'hello.localhost'}
      const open = await host.passesCheck(check)
      await upstream.stop()
      const gone = await host.passesCheck(check)

      expect([true, undefined]).toContain(open)
      expect(gone).toBe(open === undefined ? undefined : false)
    })

    test('leaves what is in place when a file of the candidate cannot be written', async () => {
      const files = filesOn(await freePort(), host)
      await installed(host, files)
      // Longer than any file system takes: a fault that hits root, too.
      const blocked = [...files, {name: `${'a'.repeat(300)}.map`, text: ''}]

      await expect(host.writeCandidate(blocked)).rejects.toThrow()
      expect(await host.installed()).toEqual(asMap(files))
    })

    routerHostCertificateContract(() => host)
  })
}

function filesOn(port: number, {places}: RouterHost, more = ''): HostFile[] {
  const config = [
    'global',
    `  stats socket ${places.adminSocket} mode 600 level admin`,
    '  log stdout format raw daemon',
    'defaults',
    '  mode http',
    '  timeout client 5s',
    '  timeout server 5s',
    '  timeout connect 1s',
    'frontend yard',
    `  bind 127.0.0.1:${port}`,
    '  http-request set-var(txn.b) req.hdr(x),map_str(services.map)',
    '  http-request return status 404',
  ]
  return [
    {name: 'haproxy.cfg', text: `${config.join('\n')}\n${more}`},
    {name: 'services.map', text: ''},
  ]
}

async function installed(host: RouterHost, files: readonly HostFile[]): Promise<void> {
  await host.writeCandidate(files)
  await host.install()
}

async function running(host: RouterHost, port: number, more = ''): Promise<void> {
  await installed(host, filesOn(port, host, more))
  await host.startHaproxy()
  await eventually(
    'HAProxy',
    async () => (await workerPid(host)) !== undefined && (await masterPid(host)) !== undefined,
    20_000,
  )
}

async function workerPid(host: RouterHost): Promise<number | undefined> {
  const pid = /^Pid: (\d+)$/m.exec((await host.ask('admin', 'show info')) ?? '')?.[1]
  return pid === undefined ? undefined : Number(pid)
}

async function masterPid(host: RouterHost): Promise<number | undefined> {
  const pid = /^(\d+)\s+master\s/m.exec((await host.ask('master', 'show proc')) ?? '')?.[1]
  return pid === undefined ? undefined : Number(pid)
}
