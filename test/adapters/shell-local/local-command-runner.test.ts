import {spawn} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {LocalCommandRunner} from '../../../src/adapters/shell-local/index.js'
import {eventually, isLiving, keeperFromSource} from '../processes-local/playground.js'

let directory: string
const runner = new LocalCommandRunner({baseVariables: {PATH: process.env['PATH'] ?? '/usr/bin:/bin'}})

beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'yard-commands-'))
})

afterAll(() => {
  rmSync(directory, {recursive: true, force: true})
})

function run(
  line: string,
  more: {
    deadlineMillis?: number
    input?: string
    signal?: AbortSignal
    onLine?: (line: string) => void
  } = {},
) {
  return runner.run({line}, {directory, deadlineMillis: 20_000, ...more})
}

/** The number that the program wrote into a file. */
function pidIn(name: string): Promise<number> {
  return eventually(name, () => Number(readFileSync(path.join(directory, name), 'utf8').trim()) || undefined)
}

describe('a program that ends', () => {
  test('gives its exit code and its lines', async () => {
    const heard: string[] = []
    const result = await run('printf "one\\ntwo\\r\\nthr"; sleep 0.1; printf ee; exit 3', {
      onLine: (line) => heard.push(line),
    })
    expect(result).toEqual({outcome: 'failed', exitCode: 3, lastLines: ['one', 'two', 'three']})
    expect(heard).toEqual(['one', 'two', 'three'])
  })

  test('succeeds with exit code 0, in the directory asked for', async () => {
    expect(await run('pwd -P; echo err >&2')).toMatchObject({outcome: 'succeeded', exitCode: 0})
    expect((await run('pwd -P')).lastLines[0]).toContain(path.basename(directory))
  })

  test('gets its arguments as they are, and nothing on its input', async () => {
    const args = [
      '-e',
      'process.stdin.resume().on("end", () => console.log(JSON.stringify(process.argv.slice(1))))',
      '--',
      "a'b",
      '$(id)',
      '',
    ]
    const result = await runner.run({file: process.execPath, args}, {directory, deadlineMillis: 20_000})
    expect(result.lastLines).toEqual([`["a'b","$(id)",""]`])
  })

  test('reads the input it is given to its end, however long', async () => {
    const input = `${'x'.repeat(1_000_000)}\nend\n`
    expect((await run('wc -c; cat <&0 | wc -c', {input})).lastLines.map(Number)).toEqual([1_000_005, 0])
    expect((await run('cat', {input: ''})).lastLines).toEqual([])
  })

  test('need not read its input, and may close it', async () => {
    const input = 'x'.repeat(1_000_000)
    expect(await run('true', {input})).toMatchObject({outcome: 'succeeded'})
    expect(await run('exec <&-; sleep 0.1', {input})).toMatchObject({outcome: 'succeeded'})
    expect(await run('head -c 3', {input})).toMatchObject({outcome: 'succeeded', lastLines: ['xxx']})
  })

  test('sees only the base variables and its own', async () => {
    process.env['YARD_TEST_SECRET'] = 'canary'
    try {
      const {lastLines} = await runner.run(
        {file: process.execPath, args: ['-p', 'JSON.stringify(Object.keys(process.env).sort())']},
        {directory, deadlineMillis: 20_000, variables: {CI: '1'}},
      )
      const names = (JSON.parse(lastLines[0]!) as string[]).filter(
        (name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name),
      )
      expect(names).toEqual(['CI', 'PATH'])
    } finally {
      delete process.env['YARD_TEST_SECRET']
    }
  })

  test('is not found', async () => {
    expect(await run('no-such-program-anywhere')).toMatchObject({outcome: 'not-found', exitCode: 127})
    const command = {file: '/no/such/program', args: []}
    expect(await runner.run(command, {directory, deadlineMillis: 5_000})).toMatchObject({
      outcome: 'not-found',
    })
    expect(await runner.run({line: 'true'}, {directory: '/no/such', deadlineMillis: 5_000})).toMatchObject({
      outcome: 'not-found',
    })
  })

  test('says which signal ended it', async () => {
    expect(await run('kill -KILL $$')).toMatchObject({outcome: 'failed', signal: 'SIGKILL'})
  })

  test('keeps NUL bytes and characters that chunks cut apart', async () => {
    const {lastLines} = await run(`printf 'a\\000b\\303'; sleep 0.1; printf '\\251\\n'`)
    expect(lastLines).toEqual(['a\0bé'])
  })

  test('is heard although a child of it is a little late', async () => {
    expect((await run('(sleep 0.05; echo late) & echo now')).lastLines).toEqual(['now', 'late'])
  })

  test('takes along what it left in the background', async () => {
    const before = Date.now()
    const result = await run('sleep 1000 & echo $! > background; echo built')
    expect(result).toMatchObject({outcome: 'succeeded', lastLines: ['built']})
    expect(Date.now() - before).toBeLessThan(5_000)
    const pid = await pidIn('background')
    await eventually('its end', () => !isLiving(pid))
  })
})

describe('a program that does not end', () => {
  test('is ended at the deadline with its children', async () => {
    const result = await run('sleep 1000 & echo $! > slow; wait', {deadlineMillis: 300})
    expect(result.outcome).toBe('timed-out')
    const pid = await pidIn('slow')
    await eventually('its end', () => !isLiving(pid))
  })

  test('is killed two seconds later when it ignores SIGTERM', async () => {
    const before = Date.now()
    const result = await run(`trap '' TERM; echo $$ > stubborn; while :; do sleep 0.1; done`, {
      deadlineMillis: 200,
    })
    expect(result).toMatchObject({outcome: 'timed-out', signal: 'SIGKILL'})
    expect(Date.now() - before).toBeGreaterThan(2_000)
    const pid = await pidIn('stubborn')
    await eventually('its end', () => !isLiving(pid))
  })

  test('may say its last words', async () => {
    const line = `trap 'echo cleaning; sleep 0.2; echo clean; exit 1' TERM; echo up; while :; do sleep 0.1; done`
    const {lastLines} = await run(line, {deadlineMillis: 500})
    expect(lastLines.filter((each) => each !== 'Terminated')).toEqual(['up', 'cleaning', 'clean'])
  })

  test('is ended by an abort that comes while it is being started', async () => {
    const controller = new AbortController()
    const running = run('sleep 1000', {signal: controller.signal})
    controller.abort()
    expect((await running).outcome).toBe('aborted')
  })

  test('is ended by an abort', async () => {
    const controller = new AbortController()
    const running = run('echo up; sleep 1000', {signal: controller.signal, onLine: () => controller.abort()})
    expect((await running).outcome).toBe('aborted')
    expect((await run('echo never', {signal: controller.signal})).lastLines).toEqual([])
  })

  test('does not outlive a yard that is killed', async () => {
    const [node, ...first] = keeperFromSource
    const program = fileURLToPath(new URL('endless.ts', import.meta.url))
    const yard = spawn(node, [...first.slice(0, -1), program, directory], {stdio: 'inherit'})
    const pid = await pidIn('orphan')
    yard.kill('SIGKILL')
    await eventually('its end', () => !isLiving(pid))
  })
})

test('a flood is heard to its end in bounded memory, and 64 kB of it are kept', async () => {
  let count = 0
  const before = process.memoryUsage().rss
  const {outcome, lastLines} = await run(
    'head -c 100000000 /dev/zero | tr "\\0" x | fold -w 99; echo; echo end',
    {onLine: () => count++},
  )
  expect(outcome).toBe('succeeded')
  expect(lastLines.at(-1)).toBe('end')
  expect(lastLines.join('\n').length).toBeLessThanOrEqual(65_536)
  expect(count).toBeGreaterThan(1_000_000)
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000)
})

test('a line without an end does not fill the memory either', async () => {
  const {lastLines} = await run('head -c 50000000 /dev/zero | tr "\\0" x')
  expect(lastLines.join('\n').length).toBeLessThanOrEqual(65_536)
})
