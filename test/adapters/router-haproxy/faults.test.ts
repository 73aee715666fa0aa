import {execFileSync} from 'node:child_process'
import {readFileSync, rmSync} from 'node:fs'
import {createServer, type Server} from 'node:net'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {freePort} from '../../support/free-port.js'
import {type RouterHost} from '../../../src/contracts/router-host.js'
import {type RoutingModel} from '../../../src/domain/routing.js'
import {YardError} from '../../../src/errors.js'
import {type Upstream} from '../../fakes/upstream.js'
import {eventually, isLiving} from '../processes-local/playground.js'

import {Load} from './load.js'
import {haproxy, masterPid, overlaid, Playground, reloads, skipReason, workerPid} from './playground.js'

const describeWithHaproxy = haproxy === undefined ? describe.skip : describe
let ground: Playground
let upstream: Upstream

describeWithHaproxy(`HAProxy in trouble${skipReason}`, () => {
  beforeEach(async () => {
    ground = await new Playground().prepare()
    upstream = await ground.upstream('it')
  })

  afterEach(async () => {
    await ground.clear()
  })

  test('that stands still is ended, started again by its keeper, and brought to the model', async () => {
    const [router, host] = [ground.router(), ground.host()]
    await router.start(ground.model({hello: [upstream]}))
    const pids = [(await masterPid(host))!, (await workerPid(host))!]
    for (const pid of pids) process.kill(pid, 'SIGSTOP')

    expect(await router.health()).toMatchObject({answers: false})
    await router.apply(ground.model({hello: [upstream], other: [upstream]}))

    expect(await statusOf('hello')).toBe(200)
    expect(await statusOf('other')).toBe(200)
    expect(pids.some(isLiving)).toBe(false)
  })

  test('whose admin socket is gone is asked through its master, and loses no request', async () => {
    const [router, host] = [ground.router(), ground.host()]
    await router.start(ground.model({hello: [upstream]}))
    const [master, load] = [await masterPid(host), new Load(ground.port, 'hello')]
    rmSync(host.places.adminSocket)

    const both = ground.model({hello: [upstream], other: [upstream]})
    expect(await router.apply(both)).toMatchObject({how: 'runtime'})
    expect(await statusOf('other')).toBe(200)
    expect((await router.health()).drift).toEqual([
      'its admin socket is gone: it is asked through its master',
    ])
    expect(await router.apply(both, {tidiesUp: true})).toMatchObject({how: 'reload'})
    await load.stop()
    expect(load.failures).toEqual([])
    expect(await masterPid(host)).toBe(master)
  })

  test('whose sockets are all gone is reached by a signal, and loses no request', async () => {
    const [router, host] = [ground.router(), ground.host()]
    await router.start(ground.model({hello: [upstream]}))
    const load = new Load(ground.port, 'hello')
    rmSync(host.places.adminSocket)
    rmSync(host.places.masterSocket)

    await router.apply(ground.model({hello: [upstream], other: [upstream]})).finally(() => load.stop())

    expect(load.failures).toEqual([])
    expect(await statusOf('other')).toBe(200)
    // The reload gives the master a socket, and the worker is asked through it.
    expect((await router.health()).drift).toEqual([
      'its admin socket is gone: it is asked through its master',
    ])
  })

  test('keeps no more than four old workers', async () => {
    const [router, host, other] = [ground.router(), ground.host(), await ground.upstream('other')]
    await router.start(ground.model({hello: [upstream]}))
    upstream.delayMillis = 30_000
    for (let round = 0; round < 7; round += 1) {
      // An answer that is under way keeps a worker alive.
      const slow = ground.get({'Yard-Service': 'hello'}).catch(() => undefined)
      await eventually('the request', () => upstream.urls.length === round + 1)
      void slow
      await router.apply(special(ground.model({hello: [upstream], more: [other]}), round))
    }

    await eventually('the end of the surplus', async () => (await router.health()).workers <= 5)
    expect((await router.health()).workers).toBe(5)
    expect(await reloads(host)).toBe(7)
  })

  test('is left as it is when the disk is full or its directory may not be written to', async () => {
    const full = new YardError('E_DISK_FULL', {what: 'x', why: 'x', next: ['x']})
    const host = ground.host()
    let isFull = false
    const writeCandidate: RouterHost['writeCandidate'] = (files) =>
      isFull ? Promise.reject(full) : host.writeCandidate(files)
    const router = ground.router({host: overlaid(host, {writeCandidate})})
    await router.start(ground.model({hello: [upstream]}))
    const before = configText()
    isFull = true

    await expect(router.apply(ground.model({other: [upstream]}))).rejects.toBe(full)
    expect(configText()).toBe(before)
    expect(await statusOf('hello')).toBe(200)
    isFull = false
    expect(await router.apply(ground.model({other: [upstream]}))).toMatchObject({isComplete: true})
    expect([await statusOf('hello'), await statusOf('other')]).toEqual([404, 200])
  })

  test('H6 a taken port is refused before anything changes, and no request is lost', async () => {
    const [router, host] = [ground.router(), ground.host()]
    await router.start(ground.model({hello: [upstream]}))
    const [before, other] = [configText(), await freePort()]
    const holder = await hold(other)
    const load = new Load(ground.port, 'hello')
    const wanted = {...ground.model({hello: [upstream]}), statistics: {address: '127.0.0.1', port: other}}

    await expect(router.apply(wanted)).rejects.toMatchObject({
      ...{code: 'E_PORT_TAKEN', what: `Can't listen on 127.0.0.1:${other}`},
    })
    await load.stop()
    await new Promise((resolve) => holder.close(resolve))
    expect(load.failures).toEqual([])
    expect(configText()).toBe(before)
    expect(await reloads(host)).toBe(0)
    expect(await router.apply(wanted)).toMatchObject({how: 'reload'})
  })

  test('H6 what is refused for its port is not in place later either, without a reload', async () => {
    const router = ground.router()
    await router.start(ground.model({hello: [upstream]}))
    const [before, other] = [configText(), await freePort()]
    const wanted = {...ground.model({hello: [upstream]}), statistics: {address: '127.0.0.1', port: other}}
    await router.apply(wanted, {mayReload: false})
    const holder = await hold(other)

    for (const mayReload of [true, false, true, false]) {
      await expect(router.apply(wanted, {mayReload})).rejects.toMatchObject({code: 'E_PORT_TAKEN'})
      expect(configText()).toBe(before)
    }
    await new Promise((resolve) => holder.close(resolve))
    expect(await router.apply(wanted)).toMatchObject({how: 'reload'})
  })

  test('of an origin that nobody knows any more is brought to the files all the same', async () => {
    await ground.router().start(ground.model({hello: [upstream]}))
    // As after the end of a yard between installing and reloading, and then of its memory.
    const wanted = special(ground.model({hello: [upstream], more: [upstream]}))
    const router = ground.router({failpoint: endsBefore('runtime', 'reload')})
    await router.start(wanted).catch(() => undefined)

    expect(await ground.router().start(wanted)).toMatchObject({how: 'reload', isComplete: true})
    expect(await statusOf('more')).toBe(200)
  })

  test('H6 more servers than HAProxy may have files open for are refused, and it is left as it is', async () => {
    const router = ground.router({host: overlaid(ground.host(), {descriptorLimit: async () => 20_000})})
    await router.start(ground.model({hello: [upstream]}))
    const before = configText()
    const servers = Array.from({length: 3}, (_, index) => ({
      ...{address: `10.1.0.${index}`, port: 80, state: 'up' as const},
    }))
    const many = Array.from({length: 10_000}, (_, index) => [`many-${index}`, servers] as const)
    const wanted = ground.model({hello: [upstream], ...Object.fromEntries(many)})

    const fault: unknown = await router.apply(wanted).catch((error: unknown) => error)

    expect(fault).toMatchObject({code: 'E_HAPROXY_CONFIG'})
    expect((fault as YardError).why).toMatch(
      /^it takes up to 33\d\d\d open files and HAProxy may have 20000$/,
    )
    expect(configText()).toBe(before)
    expect(await statusOf('hello')).toBe(200)
  })

  test('H7 a reload that is lost is asked for again, and only once', async () => {
    const host = ground.host()
    let lost = 0
    const ask: RouterHost['ask'] = async (socket, line) => {
      if (socket !== 'master' || line !== 'reload' || lost > 0) return host.ask(socket, line)
      lost += 1
      return ''
    }
    const router = ground.router({host: overlaid(host, {ask})})
    await router.start(ground.model({hello: [upstream]}))

    expect(await router.apply(special(ground.model({more: [upstream]})))).toMatchObject({how: 'reload'})
    expect([lost, await reloads(host)]).toEqual([1, 1])
    expect(await statusOf('more')).toBe(200)
  })

  test('H7 what HAProxy refuses at the reload is taken back, and what runs goes on', async () => {
    const host = ground.host()
    // It accepts the file and then can't start from it: only the reload tells.
    let isBroken = false
    const ask: RouterHost['ask'] = async (socket, line) => {
      if (socket === 'master' && line === 'reload' && isBroken) breakConfig()
      return host.ask(socket, line)
    }
    const router = ground.router({host: overlaid(host, {ask})})
    await router.start(ground.model({hello: [upstream]}))
    const [before, worker] = [configText(), await workerPid(host)]
    const load = new Load(ground.port, 'hello')
    isBroken = true

    await expect(
      router.apply(special(ground.model({hello: [upstream], more: [upstream]}))),
    ).rejects.toMatchObject({code: 'E_HAPROXY_UNCONFIRMED', why: 'it refused to reload'})
    await load.stop()
    expect(load.failures).toEqual([])
    expect(configText()).toBe(before)
    expect(await workerPid(host)).toBe(worker)
    isBroken = false
    expect(await router.apply(special(ground.model({hello: [upstream], more: [upstream]})))).toMatchObject({
      ...{how: 'reload', isComplete: true},
    })
    expect(await statusOf('more')).toBe(200)
  })

  test('H7 five triggers at once make just the reloads that are needed, and the last one counts', async () => {
    const [router, host] = [ground.router(), ground.host()]
    await router.start(ground.model({}))
    const last = special(ground.model({hello: [upstream], more: [upstream]}))

    const applied = await Promise.all(Array.from({length: 5}, () => router.apply(last)))

    expect(applied.map(({how}) => how)).toEqual(['reload', ...Array.from({length: 4}, () => 'unchanged')])
    expect(await reloads(host)).toBe(1)
    expect(new Set(applied.map(({generation}) => generation)).size).toBe(1)
    expect((await router.health()).generation).toBe(applied[0]?.generation)
  })
})

function endsBefore(...steps: string[]): (step: string, moment: string) => Promise<void> {
  return async (step, moment) => {
    if (moment === 'before' && steps.includes(step)) throw new Error('it ended')
  }
}

function breakConfig(): void {
  execFileSync('sh', [
    '-c',
    'printf "frontend x\\n  nonsense\\n" > "$1.new" && mv "$1.new" "$1"',
    'sh',
    configFile(),
  ])
}

function special(model: RoutingModel, round = 0): RoutingModel {
  const services = model.services.map((service) =>
    service.name === 'more' ? {...service, healthPath: `/up-${round}`} : service,
  )
  return {...model, services}
}

async function statusOf(service: string): Promise<number> {
  return (await ground.get({'Yard-Service': service})).status
}

function configFile(): string {
  return path.join(ground.routerDirectory, 'haproxy.cfg')
}

function configText(): string {
  return readFileSync(configFile(), 'utf8')
}

function hold(port: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(port, '127.0.0.1', () => resolve(server))
  })
}
