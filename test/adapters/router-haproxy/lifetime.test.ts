import {execFileSync} from 'node:child_process'
import {createServer, type Server} from 'node:net'
import {readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {freePort} from '../../support/free-port.js'
import {eventually, isLiving} from '../processes-local/playground.js'

import {haproxy, Playground, skipReason} from './playground.js'

const describeWithHaproxy = haproxy === undefined ? describe.skip : describe
let ground: Playground

describeWithHaproxy(`the life of HAProxy${skipReason}`, () => {
  beforeEach(async () => {
    ground = await new Playground().prepare()
  })

  afterEach(async () => {
    await ground.clear()
  })

  test('is taken over by a later yard, which brings it to its own model', async () => {
    const [first, second] = [await ground.upstream('first'), await ground.upstream('second')]
    await ground.router().start(ground.model({hello: [first]}))
    const pid = await masterPid()

    await ground.router().start(ground.model({hello: [first]}))
    expect((await ground.get({'Yard-Service': 'hello'})).headers['x-upstream']).toBe('first')
    await ground.router().start(ground.model({hello: [second]}))
    expect((await ground.get({'Yard-Service': 'hello'})).headers['x-upstream']).toBe('second')
    await ground.router().start(ground.model({hello: [second], more: [first]}))
    expect((await ground.get({'Yard-Service': 'more'})).headers['x-upstream']).toBe('first')
    expect(await masterPid()).toBe(pid)
  })

  test('follows the file after a yard that died between writing it and telling HAProxy', async () => {
    const [first, second] = [await ground.upstream('first'), await ground.upstream('second')]
    const router = ground.router()
    await router.start(ground.model({hello: [second]}))
    const later = readFileSync(configFile(), 'utf8')
    await router.apply(ground.model({hello: [first]}))
    writeFileSync(configFile(), later)

    await ground.router().start(ground.model({hello: [second]}))

    expect((await ground.get({'Yard-Service': 'hello'})).headers['x-upstream']).toBe('second')
  })

  test('goes on from the file when it is killed, and obeys afterwards', async () => {
    const [first, second] = [await ground.upstream('first'), await ground.upstream('second')]
    const router = ground.router()
    await router.start(ground.model({hello: [first]}))
    await router.apply(ground.model({hello: [second]}))
    const pid = (await masterPid())!
    process.kill(pid, 'SIGKILL')
    await eventually('its death', () => !isLiving(pid))

    expect(await router.apply(ground.model({hello: [second], more: [first]}))).toMatchObject({skipped: []})
    expect((await ground.get({'Yard-Service': 'hello'})).headers['x-upstream']).toBe('second')
    expect((await ground.get({'Yard-Service': 'more'})).headers['x-upstream']).toBe('first')
    expect(await masterPid()).not.toBe(pid)
  })

  test('ends with stop and can be started again', async () => {
    const router = ground.router()
    await router.start(ground.model({}))
    const pid = (await masterPid())!
    await router.stop()

    expect(isLiving(pid)).toBe(false)
    await expect(ground.get()).rejects.toThrow()
    await expect(router.servers()).rejects.toMatchObject({code: 'E_HAPROXY_UNCONFIRMED'})
    await router.start(ground.model({}))
    expect((await ground.get()).status).toBe(404)
  })

  test('does not start on a taken port and says which', async () => {
    const holder = await hold(ground.port)
    const fault = await ground
      .router()
      .start(ground.model({}))
      .catch((error: unknown) => error)
    await close(holder)

    expect(fault).toMatchObject({code: 'E_PORT_TAKEN', why: `another program uses port ${ground.port}`})
    expect((fault as {next: string[]}).next[0]).toMatch(/^yard up --port \d+$/)
    expect(await ground.processPlayground.manager().list()).toEqual([])
  })

  test('keeps serving when the port it is to move to is taken, and moves when it is free', async () => {
    const upstream = await ground.upstream('it')
    const router = ground.router()
    await router.start(ground.model({hello: [upstream]}))
    const before = readFileSync(configFile(), 'utf8')
    const other = await freePort()
    const holder = await hold(other)

    await expect(router.apply(ground.model({hello: [upstream]}, other))).rejects.toMatchObject({
      code: 'E_PORT_TAKEN',
    })
    expect(readFileSync(configFile(), 'utf8')).toBe(before)
    expect((await ground.get({'Yard-Service': 'hello'})).status).toBe(200)
    await close(holder)
    expect(await router.apply(ground.model({hello: [upstream]}, other))).toMatchObject({how: 'reload'})
    ground.port = other
    expect((await ground.get({'Yard-Service': 'hello'})).status).toBe(200)
  })

  test('shows its files and sockets to its user only', async () => {
    await ground.router().start(ground.model({}))
    const modes = execFileSync('stat', [
      ...['-c', '%a'],
      ...[
        configFile(),
        `${ground.runtimeDirectory}/haproxy.sock`,
        `${ground.runtimeDirectory}/haproxy-master.sock`,
      ],
      ground.runtimeDirectory,
    ])

    expect(modes.toString().split('\n')).toEqual(['600', '600', '600', '700', ''])
  })
})

function configFile(): string {
  return path.join(ground.routerDirectory, 'haproxy.cfg')
}

async function masterPid(): Promise<number | undefined> {
  return (await ground.processPlayground.manager().list()).find(({id}) => id === 'haproxy')?.pid
}

function hold(port: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(port, '127.0.0.1', () => resolve(server))
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}
