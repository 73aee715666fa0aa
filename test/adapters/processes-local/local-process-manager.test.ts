import {existsSync, mkdirSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import path from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {eventually, isLiving, Playground, quickLimits} from './playground.js'

let ground: Playground

beforeEach(() => {
  ground = new Playground()
})

afterEach(async () => {
  await ground.clear()
})

const forever = 'while :; do sleep 0.1; done'

describe('starting and stopping', () => {
  test('runs a process, says so, and ends it and its keeper', async () => {
    const manager = ground.manager()
    await manager.start(ground.spec('hello', {line: `echo ready; ${forever}`}))

    const [listed] = await manager.list()
    expect(listed).toMatchObject({id: 'hello', state: 'running', restarts: 0})
    expect(isLiving(listed!.pid!)).toBe(true)
    await eventually('its line', async () => (await manager.lastLines('hello', 5)).includes('ready'))

    expect(await manager.stop('hello', 2_000)).toBe('terminated')
    expect(isLiving(listed!.pid!)).toBe(false)
    expect(ground.living()).toEqual([])
    expect(await manager.list()).toEqual([])
    expect(await manager.stop('hello', 2_000)).toBe('not-running')
    expect(await manager.lastLines('hello', 5)).toEqual(['ready'])
  })

  test('gives exactly the variables asked for besides the base', async () => {
    const manager = ground.manager()
    const print = 'console.log(JSON.stringify(process.env)); setInterval(() => {}, 1000)'
    const command = {file: process.execPath, args: ['-e', print]}
    await manager.start(ground.spec('hello', command, {variables: {PORT: '8080', GREETING: "it's\n$HOME"}}))

    const [line] = await eventually('output', async () => {
      const lines = await manager.lastLines('hello', 1)
      return lines.length > 0 && lines
    })
    const variables = JSON.parse(line!) as Record<string, string>
    expect(variables).toMatchObject({PORT: '8080', GREETING: "it's\n$HOME", HOME: ground.directory})
    // The shell that waits for the go adds these two.
    expect(
      Object.keys(variables)
        .filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name))
        .sort(),
    ).toEqual(['GREETING', 'HOME', 'PATH', 'PORT'])
  })

  test('passes arguments as they are', async () => {
    const manager = ground.manager()
    const args = [
      '-e',
      'console.log(JSON.stringify(process.argv.slice(1)));setInterval(() => {}, 1e3)',
      '--',
      '$(id)',
      "a'b",
      '',
    ]
    await manager.start(ground.spec('hello', {file: process.execPath, args}))
    await eventually(
      'arguments',
      async () => (await manager.lastLines('hello', 1))[0] === `["$(id)","a'b",""]`,
    )
  })

  test('kills a process that ignores SIGTERM once the grace time is over, with all of its children', async () => {
    const manager = ground.manager()
    const marker = path.join(ground.directory, 'stubborn')
    const child = `sh -c 'trap "" TERM; : ${marker}; while :; do sleep 0.1; done'`
    await manager.start(
      ground.spec('hello', {line: `trap "" TERM; ${child} & ${child} & echo up; wait; ${forever}`}),
    )
    await eventually('up', async () => (await manager.lastLines('hello', 1))[0] === 'up')

    const before = Date.now()
    expect(await manager.stop('hello', 400)).toBe('killed')
    expect(Date.now() - before).toBeGreaterThanOrEqual(390)
    expect(ground.living()).toEqual([])
  })

  test('lets a process finish within the grace time', async () => {
    const manager = ground.manager()
    const line = `trap 'echo draining; sleep 0.3; echo drained; exit 0' TERM; echo up; ${forever}`
    await manager.start(ground.spec('hello', {line}))
    await eventually('up', async () => (await manager.lastLines('hello', 1))[0] === 'up')

    expect(await manager.stop('hello', 5_000)).toBe('terminated')
    // The shell also tells that its `sleep` was terminated.
    expect((await manager.lastLines('hello', 9)).slice(-2)).toEqual(['draining', 'drained'])
  })

  test('starts once when two programs ask at the same time', async () => {
    const spec = ground.spec('hello', {line: `echo ran; ${forever}`})
    await Promise.all([1, 2, 3, 4].map(() => ground.manager().start(spec)))

    await eventually('output', async () => (await ground.manager().lastLines('hello', 9)).length > 0)
    expect(await ground.manager().lastLines('hello', 9)).toEqual(['ran'])
    await eventually('one keeper', () => ground.living().length === 1)
  })

  test('is adopted by the next manager, which starts nothing twice', async () => {
    const spec = ground.spec('hello', {line: forever})
    await ground.manager().start(spec)
    const pid = ground.status('hello').child?.pid

    const next = ground.manager()
    await next.start(spec)

    expect(await next.list()).toMatchObject([{id: 'hello', state: 'running', pid}])
    expect(await next.stop('hello', 1_000)).toBe('terminated')
  })

  test('refuses ids that could leave the directory', async () => {
    const manager = ground.manager()
    for (const id of ['..', '.', 'a/b', '', 'A', '-rf', 'a\0b', '../x', 'a'.repeat(200)]) {
      await expect(manager.start(ground.spec(id, {line: 'true'}))).rejects.toThrow('not a process id')
      await expect(manager.stop(id, 1)).rejects.toThrow('not a process id')
    }
  })

  test('keeps files from other users', async () => {
    const manager = ground.manager()
    await manager.start(ground.spec('hello', {line: `echo x; ${forever}`}, {variables: {TOKEN: 'canary'}}))
    await eventually('a log', () => existsSync(ground.file('hello', 'current.log')))

    expect(statSync(ground.file('hello', '.')).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(ground.file('hello', '.'))) {
      expect([name, statSync(ground.file('hello', name)).mode & 0o077]).toEqual([name, 0])
    }
    expect(ground.living('canary').filter((row) => row.includes('canary'))).toEqual([])
  })

  test('knows whose port it is', async () => {
    const manager = ground.manager()
    const serve = `require('net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })`
    await manager.start(ground.spec('hello', {line: `${process.execPath} -e "${serve}"; true`}))
    await manager.start(ground.spec('other', {line: forever}))
    const port = Number(await eventually('a port', async () => (await manager.lastLines('hello', 1))[0]))

    const isKnown = process.platform === 'linux'
    expect(await manager.ownsPort('hello', port)).toBe(isKnown ? true : undefined)
    expect(await manager.ownsPort('other', port)).toBe(isKnown ? false : undefined)
  })
})

describe('processes that end by themselves', () => {
  test('are started again with a growing pause', async () => {
    const manager = ground.manager()
    await manager.start(ground.spec('hello', {line: 'echo once; exit 7'}))

    const crashed = await eventually('three restarts', async () => {
      const [listed] = await manager.list()
      return listed !== undefined && listed.restarts >= 4 && listed.state === 'backing-off' && listed
    })
    expect(crashed).toMatchObject({lastExit: 'exit 7'})
    expect(crashed.nextStartAt).toMatch(/^\d{4}-/)
    const times = [...ground.log('hello').matchAll(/^(\S+) yard started/gm)].map((match) =>
      Date.parse(match[1]!),
    )
    const pauses = times.slice(1).map((time, index) => time - times[index]!)
    expect(pauses[0]).toBeGreaterThanOrEqual(50)
    expect(pauses[1]).toBeGreaterThanOrEqual(100)
    expect(pauses[2]).toBeGreaterThanOrEqual(200)

    expect(await manager.stop('hello', 1_000)).toBe('terminated')
  })

  test('say by which signal they ended', async () => {
    const manager = ground.manager()
    await manager.start(ground.spec('hello', {line: 'kill -SEGV $$'}))
    await eventually('SIGSEGV', async () => (await manager.list())[0]?.lastExit === 'SIGSEGV')
  })

  test('back off when the program or the directory is missing', async () => {
    const manager = ground.manager()
    await manager.start(ground.spec('hello', {file: '/no/such/program', args: []}))
    await eventually('127', async () => (await manager.list())[0]?.lastExit === 'exit 127')
    await manager.start(ground.spec('other', {line: 'true'}, {directory: '/no/such/directory'}))
    expect((await manager.list())[1]?.lastExit).toBe('no directory /no/such/directory')
  })

  test('take what they left in their group with them', async () => {
    const manager = ground.manager({...quickLimits, firstPauseMillis: 60_000})
    const marker = path.join(ground.directory, 'rest')
    await manager.start(ground.spec('hello', {line: `sh -c ': ${marker}; ${forever}' & exit 1`}))
    await eventually('backing off', async () => (await manager.list())[0]?.state === 'backing-off')
    expect(ground.living().filter((row) => row.includes(marker))).toEqual([])
  })
})

test('keeps the logs of the last ten stopped processes of each service', async () => {
  const manager = ground.manager()
  for (let number = 1; number <= 13; number++) {
    const id = `hello-r${number}@localhost`
    mkdirSync(ground.file(id, '.'), {recursive: true})
    const since = new Date(Date.UTC(2026, 0, number)).toISOString()
    const keeper = {pid: 999_999, startedAt: 'x:1'}
    writeFileSync(
      ground.file(id, 'status.json'),
      JSON.stringify({keeper, state: 'stopped', since, restarts: 0}),
    )
    writeFileSync(ground.file(id, 'source.json'), JSON.stringify({id, labels: {service: 'hello'}}))
  }
  await manager.start(ground.spec('hello-r14@localhost', {line: forever}))
  const left = readdirSync(ground.processes).filter((name) => !name.startsWith('.'))
  expect(left).toHaveLength(11)
  expect(left).not.toContain('hello-r3@localhost')
  expect(left).toContain('hello-r4@localhost')
})
