import {spawn} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {eventually, isLiving, keeperFromSource, Playground, quickLimits} from './playground.js'

let ground: Playground

beforeEach(() => {
  ground = new Playground()
})

afterEach(async () => {
  await ground.clear()
})

const forever = 'while :; do sleep 0.1; done'

describe('kill -9', () => {
  test('of the program that started it leaves the process running, to be adopted', async () => {
    const starter = startElsewhere(ground, 'hello', forever)
    await eventually('running', () => ground.status('hello').state === 'running')
    process.kill(starter.pid!, 'SIGKILL')
    await starter.ended

    const pid = ground.status('hello').child!.pid
    expect(isLiving(pid)).toBe(true)
    const manager = ground.manager()
    await manager.start(ground.spec('hello', {line: forever}))
    expect(ground.status('hello').child!.pid).toBe(pid)
    expect(await manager.stop('hello', 1_000)).toBe('terminated')
    expect(ground.living()).toEqual([])
  })

  test('of the keeper is mended by the next start: the process runs once', async () => {
    const manager = ground.manager()
    const spec = ground.spec('hello', {line: forever})
    await manager.start(spec)
    const before = ground.status('hello')
    process.kill(before.keeper.pid, 'SIGKILL')
    await eventually('the end of the keeper', () => !isLiving(before.keeper.pid))
    expect(await manager.list()).toMatchObject([{id: 'hello', state: 'stopped'}])

    await manager.start(spec)

    expect(isLiving(before.child!.pid)).toBe(false)
    expect(await manager.list()).toMatchObject([{id: 'hello', state: 'running'}])
    expect(await manager.stop('hello', 1_000)).toBe('terminated')
  })

  test('of the keeper and of the program that started it leaves nothing after a stop', async () => {
    const starter = startElsewhere(ground, 'hello', `trap "" TERM; echo begun; ${forever}`)
    await ground.hasBegun('hello')
    const {keeper, child} = ground.status('hello')
    process.kill(keeper.pid, 'SIGKILL')
    process.kill(starter.pid!, 'SIGKILL')
    await starter.ended
    await eventually('the end of the keeper', () => !isLiving(keeper.pid))

    expect(await ground.manager().stop('hello', 300)).toMatch(/killed|terminated/)
    expect(isLiving(child!.pid)).toBe(false)
    expect(ground.living()).toEqual([])
  })

  test('of the keeper before it wrote down what it started leaves nothing', async () => {
    const [node, ...first] = keeperFromSource
    const program = fileURLToPath(new URL('killed-before-go.ts', import.meta.url))
    const keeper = spawn(node, [...first.slice(0, -1), program, ground.directory], {stdio: 'inherit'})
    const signal = await new Promise((resolve) => keeper.once('exit', (_, name) => resolve(name)))

    expect(signal).toBe('SIGKILL')
    await eventually('the end of the gate', () => ground.living('touch began').length === 0)
    expect(existsSync(path.join(ground.directory, 'began'))).toBe(false)
  })

  test('of the process itself starts it again', async () => {
    const manager = ground.manager()
    await manager.start(ground.spec('hello', {line: forever}))
    const {pid} = ground.status('hello').child!
    process.kill(pid, 'SIGKILL')
    await eventually('another one', () => {
      const {child, state} = ground.status('hello')
      return state === 'running' && child!.pid !== pid
    })
    expect((await manager.list())[0]).toMatchObject({restarts: 1, lastExit: 'SIGKILL'})
  })

  test('never reaches another process that got the number', async () => {
    const manager = ground.manager()
    const spec = ground.spec('hello', {line: forever})
    await manager.start(spec)
    const before = ground.status('hello')
    process.kill(before.keeper.pid, 'SIGKILL')
    await eventually('the end of the keeper', () => !isLiving(before.keeper.pid))
    process.kill(-before.child!.pid, 'SIGKILL')
    const bystander = spawn('sleep', ['60'], {detached: true, stdio: 'ignore'})
    const status = JSON.parse(readFileSync(ground.file('hello', 'status.json'), 'utf8')) as {
      child: {pid: number}
    }
    status.child.pid = bystander.pid!
    writeFileSync(ground.file('hello', 'status.json'), JSON.stringify(status))

    try {
      expect(await manager.stop('hello', 100)).toBe('not-running')
      await manager.start(spec)
      expect(isLiving(bystander.pid!)).toBe(true)
    } finally {
      bystander.kill('SIGKILL')
    }
  })

  test('of a status file with harmful numbers in it signals nobody', async () => {
    const manager = ground.manager()
    for (const pid of [-1, 0, 1, 1.5, '1', null, 2 ** 31]) {
      mkdirSync(ground.file('hello', '.'), {recursive: true})
      const child = {pid, startedAt: 'x:1'}
      const status = {keeper: {pid: 0, startedAt: 'x'}, child, state: 'running', since: '', restarts: 0}
      writeFileSync(ground.file('hello', 'status.json'), JSON.stringify(status))
      expect(await manager.stop('hello', 50)).toBe('not-running')
    }
  })
})

/** Another program that starts a process and then waits, to be killed. */
function startElsewhere(
  of: Playground,
  id: string,
  line: string,
): {pid: number | undefined; ended: Promise<unknown>} {
  const starter = fileURLToPath(new URL('starter.ts', import.meta.url))
  const settings = {
    directory: of.processes,
    keeper: keeperFromSource,
    baseVariables: {PATH: process.env['PATH'] ?? ''},
    limits: quickLimits,
  }
  const [node, ...first] = keeperFromSource
  const args = [...first.slice(0, -1), starter, JSON.stringify({settings, spec: of.spec(id, {line})})]
  const program = spawn(node, args, {stdio: 'ignore'})
  return {pid: program.pid, ended: new Promise((resolve) => program.once('exit', resolve))}
}
