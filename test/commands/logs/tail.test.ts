import {type ChildProcess, spawn} from 'node:child_process'
import {appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import LogsTail from '../../../src/commands/logs/tail.js'
import {formatLogLine} from '../../../src/domain/logs/line-format.js'
import {eventually, keeperFromSource} from '../../adapters/processes-local/playground.js'
import {runCommand} from '../../fakes/run-command.js'

let state: string
let groups: number[] = []
const at = Date.UTC(2026, 10, 20, 19, 15)
const evil = '\u001b]0;title\u0007 \u202egnp.exe \u009b2J'

beforeEach(() => {
  state = mkdtempSync(path.join(os.tmpdir(), 'yard-tail-'))
  instance('hello', 'hello-r1@localhost', [
    '{"level":30,"time":1763666100123,"msg":"listening","port":4000}',
    'WARN slow',
    evil,
  ])
  instance('other', 'other-r7@localhost', ['from another service'])
})

afterEach(() => {
  for (const group of groups) endGroup(group)
  groups = []
  rmSync(state, {recursive: true, force: true})
})

function instance(service: string, id: string, texts: string[]): void {
  const directory = path.join(state, 'local', 'processes', id)
  mkdirSync(directory, {recursive: true})
  const release = /-(r\d+)@/.exec(id)?.[1] ?? ''
  const labels = {environment: 'local', service, release, instance: id, process: 'web'}
  writeFileSync(path.join(directory, 'source.json'), JSON.stringify({id, labels}))
  texts.forEach((text, index) => write(id, text, at + index))
}

function write(id: string, text: string, when: number = Date.now()): void {
  const file = path.join(state, 'local', 'processes', id, 'current.log')
  appendFileSync(file, `${formatLogLine({at: when, stream: 'stdout', text})}\n`)
}

describe('without following', () => {
  test('shows the lines of one service for people, with nothing left for the terminal to act on', async () => {
    const {stdout, error} = await runCommand(LogsTail, ['hello', '--no-follow'], state)
    expect(error).toBeUndefined()
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/^hello r1 web@localhost \d\d:\d\d:00\.000 INFO {2}listening port=4000$/)
    expect(lines[2]).toContain('\\x1b]0;title\\x07 \\u202egnp.exe \\x9b2J')
  })

  test('merges all services', async () => {
    const {stdout} = await runCommand(LogsTail, ['--no-follow'], state)
    expect(stdout).toContain('from another service')
    expect(stdout.trimEnd().split('\n')).toHaveLength(4)
  })

  test('--raw shows the text as it was written', async () => {
    const {stdout} = await runCommand(LogsTail, ['hello', '--no-follow', '--raw', '--lines', '1'], state)
    expect(stdout).toBe(`${evil}\n`)
  })

  test('--json shows one object on each line', async () => {
    const {stdout} = await runCommand(LogsTail, ['hello', '--no-follow', '--json'], state)
    const objects = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(objects).toHaveLength(3)
    expect(objects[0]).toMatchObject({
      service: 'hello',
      release: 'r1',
      level: 'info',
      message: 'listening',
      fields: {port: 4_000},
    })
    expect(objects[2]).toMatchObject({text: evil, message: evil})
  })

  test('--grep, --level and --since choose', async () => {
    const shown = async (...flags: string[]) =>
      (await runCommand(LogsTail, ['hello', '--no-follow', '--raw', ...flags], state)).stdout.trimEnd()
    expect(await shown('--grep', '/sl.w/')).toBe('WARN slow')
    expect(await shown('--level', 'warn')).toBe('WARN slow')
    expect(await shown('--since', '2026-11-20T19:15:00.002Z')).toBe(evil)
    expect(await shown('--since', '2999-01-01')).toBe('')
  })
})

test.each([
  [['nobody', '--no-follow'], 'E_SERVICE_UNKNOWN'],
  [['../x', '--no-follow'], 'E_NAME_INVALID'],
  [['--since', 'yesterday', '--no-follow'], 'E_USAGE'],
  [['--grep', '/(/', '--no-follow'], 'E_USAGE'],
  [['--env', 'nowhere', '--no-follow'], 'E_ENVIRONMENT_UNKNOWN'],
])('refuses %j', async (argv, code) => {
  const {stdout, error} = await runCommand(LogsTail, argv, state)
  expect(error).toMatchObject({code})
  expect(stdout).toBe('')
})

describe('as a program', () => {
  function start(tailOf: string): {
    output: () => string
    ended: Promise<number | null>
    child: ChildProcess
  } {
    const [node, ...first] = keeperFromSource
    const program = fileURLToPath(new URL('tail-program.ts', import.meta.url))
    const words = [node, ...first.slice(0, -1), program].map((word) => `'${word}'`).join(' ')
    const child = spawn('/bin/sh', ['-c', tailOf.replace('TAIL', words)], {
      env: {...process.env, NODE_OPTIONS: '', YARD_STATE_DIR: state},
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    groups.push(child.pid ?? 0)
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    return {output: () => output, child, ended: new Promise((resolve) => child.once('exit', resolve))}
  }

  test('ends at once when its reader has seen enough, although it follows', async () => {
    const {output, ended} = start('{ { TAIL hello; echo "exit $?" >&3; } | head -1; } 3>&1')
    expect(await ended).toBe(0)
    await eventually('the exit code', () => output().includes('exit 0'))
    expect(output()).toContain('listening')
  })

  test('ends when its reader leaves, also when there is nothing more to write', async () => {
    // The reader takes its time, so that all lines are in the pipe before it goes: no write can fail.
    const {output, ended} = start('{ { TAIL hello; echo "exit $?" >&3; } | { sleep 1; head -1; }; } 3>&1')
    expect(await ended).toBe(0)
    await eventually('the exit code', () => output().includes('exit 0'))
  })

  test('goes on with new lines, and ends on Ctrl-C with exit code 130', async () => {
    const {output, ended, child} = start('exec TAIL hello --json')
    await eventually('the past', () => output().includes('slow'))
    write('hello-r1@localhost', 'brand new')
    instance('hello', 'hello-r2@localhost', [])
    write('hello-r2@localhost', 'of the next release')
    await eventually(
      'the new lines',
      () => output().includes('brand new') && output().includes('of the next release'),
    )
    child.kill('SIGINT')
    expect(await ended).toBe(130)
  })
})

/** Nothing may outlive a test that failed. */
function endGroup(group: number): void {
  try {
    if (group > 1) process.kill(-group, 'SIGKILL')
  } catch {
    // It has ended, as it should.
  }
}
