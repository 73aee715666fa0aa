import {readdirSync, readFileSync, rmSync, statSync} from 'node:fs'
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

describe('a keeper', () => {
  test('ends its process when its directory is removed', async () => {
    await ground.manager().start(ground.spec('hello', {line: forever}))
    const {keeper, child} = ground.status('hello')
    // The keeper may be writing there right now.
    rmSync(ground.file('hello', '.'), {recursive: true, maxRetries: 20, retryDelay: 20})
    await eventually('the end', () => !isLiving(keeper.pid) && !isLiving(child!.pid))
  })

  test('treats a plain SIGTERM as a stop', async () => {
    await ground.manager().start(ground.spec('hello', {line: `trap "" TERM; ${forever}`}))
    const {keeper, child} = ground.status('hello')
    process.kill(keeper.pid, 'SIGTERM')
    await eventually('the end', () => !isLiving(keeper.pid) && !isLiving(child!.pid))
    expect(await ground.manager().list()).toEqual([])
  })

  test('that hangs is killed, and its process ended', async () => {
    const manager = ground.manager()
    await manager.start(ground.spec('hello', {line: `echo begun; ${forever}`}))
    await ground.hasBegun('hello')
    const {keeper, child} = ground.status('hello')
    process.kill(keeper.pid, 'SIGSTOP')
    expect(await manager.stop('hello', 100)).toBe('terminated')
    expect(isLiving(keeper.pid)).toBe(false)
    expect(isLiving(child!.pid)).toBe(false)
  })

  test('writes everything of a flood to bounded parts in bounded memory', async () => {
    const manager = ground.manager({...quickLimits, partBytes: 200_000, keptParts: 3})
    const line =
      'i=0; while [ $i -lt 60 ]; do head -c 1000000 /dev/zero | tr "\\0" x | fold -w 99; i=$((i+1)); done; echo; echo end'
    await manager.start(ground.spec('hello', {line: `${line}; ${forever}`}))
    const {keeper} = ground.status('hello')
    await eventually('the end', async () => (await manager.lastLines('hello', 1))[0] === 'end', 60_000)

    const sizes = readdirSync(ground.file('hello', '.')).filter(
      (name) => name.endsWith('.log') && name !== 'keeper-errors.log',
    )
    expect(sizes.length).toBeLessThanOrEqual(4)
    for (const name of sizes) expect(statSync(ground.file('hello', name)).size).toBeLessThan(600_000)
    const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${keeper.pid}/status`, 'utf8'))![1])
    expect(peak).toBeLessThan(250_000)
  })

  test('flushes a last line that had no end, and cuts a line of 1 MB', async () => {
    const manager = ground.manager({...quickLimits, firstPauseMillis: 60_000})
    await manager.start(
      ground.spec('hello', {line: 'head -c 1000000 /dev/zero | tr "\\0" y; echo; printf partial'}),
    )
    await eventually('ended', async () => (await manager.list())[0]?.state === 'backing-off')
    const [long, partial] = await manager.lastLines('hello', 2)
    expect(partial).toBe('partial')
    expect(long).toMatch(/^y{65536} \[934464 more bytes cut\]$/)
  })
})
