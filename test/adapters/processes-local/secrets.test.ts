import {execFileSync, spawn} from 'node:child_process'
import {readdirSync, readFileSync, statSync} from 'node:fs'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {readSecrets, secretsText} from '../../../src/adapters/processes-local/secrets-pipe.js'
import {type ProcessSpec} from '../../../src/contracts/process-manager.js'
import {Secret} from '../../../src/domain/secret.js'
import {eventually, isLiving, keeperFromSource, Playground, quickLimits} from './playground.js'

const forever = 'while :; do sleep 0.1; done'
/** Proves that the process has it, without writing it down. */
const tellDigest = 'printf %s "$API_KEY" | sha256sum'
const canary = 'CANARY-7f3a "quoted"\nsecond line'
const digest = execFileSync('sha256sum', {input: canary, encoding: 'utf8'}).slice(0, 64)

let ground: Playground
let asked: number

beforeEach(() => {
  ground = new Playground()
  asked = 0
})

afterEach(async () => {
  await ground.clear()
})

function secretive(line: string, value = canary): ProcessSpec {
  return ground.spec(
    'hello',
    {line},
    {
      variables: {GREETING: 'Hi'},
      secrets: async () => {
        asked++
        return {API_KEY: new Secret(value)}
      },
    },
  )
}

/** Every file of the process directory as text. */
function allFiles(): string {
  const directory = ground.file('hello', '.')
  return readdirSync(directory)
    .map((name) => readFileSync(path.join(directory, name), 'utf8'))
    .join('\n')
}

async function digests(count: number): Promise<string[]> {
  return eventually('the process to tell', async () => {
    const lines = (await ground.manager().lastLines('hello', 20)).filter((line) =>
      /^[0-9a-f]{64} /.test(line),
    )
    return lines.length >= count && lines.map((line) => line.slice(0, 64))
  })
}

test('a secret reaches the process, and is in no file and no command line', async () => {
  await ground.manager().start(secretive(`${tellDigest}; ${forever}`))

  expect(await digests(1)).toEqual([digest])
  expect(allFiles()).toContain('GREETING')
  expect(allFiles()).not.toContain('CANARY')
  expect(ground.living('CANARY').filter((row) => row.includes('CANARY'))).toEqual([])
})

test('a process that ends by itself is started again with its secret, without asking for it', async () => {
  await ground.manager().start(secretive(`${tellDigest}; exit 1`))

  expect(new Set(await digests(3))).toEqual(new Set([digest]))
  expect(asked).toBe(1)
})

test('starting what is looked after already asks for nothing', async () => {
  await ground.manager().start(secretive(forever))
  const {keeper, child} = ground.status('hello')

  await ground.manager().start({...secretive(forever), secrets: () => Promise.reject(new Error('locked'))})

  expect(asked).toBe(1)
  expect(ground.status('hello')).toMatchObject({keeper, child})
})

test('a process whose keeper was killed is started anew with the secret asked for again', async () => {
  await ground.manager().start(secretive(`${tellDigest}; ${forever}`))
  await digests(1)
  const {keeper, child} = ground.status('hello')
  process.kill(keeper.pid, 'SIGKILL')
  await eventually('the keeper is gone', () => !isLiving(keeper.pid))

  await ground.manager().start(secretive(`${tellDigest}; ${forever}`))

  expect(asked).toBe(2)
  expect(await digests(2)).toEqual([digest, digest])
  expect(isLiving(child!.pid)).toBe(false)
})

test('a secret that can not be had starts nothing and leaves nothing behind', async () => {
  const spec = {...secretive(forever), secrets: () => Promise.reject(new Error('locked'))}

  await expect(ground.manager().start(spec)).rejects.toThrow('locked')

  expect(readdirSync(ground.file('hello', '.'))).toEqual([])
  expect(await ground.manager().list()).toEqual([])
})

test('a secret larger than a pipe holds arrives whole', async () => {
  const large = `${'x'.repeat(120_000)}y`
  await ground.manager().start(secretive(`${tellDigest}; ${forever}`, large))

  const expected = execFileSync('sha256sum', {input: large, encoding: 'utf8'}).slice(0, 64)
  expect(await digests(1)).toEqual([expected])
})

test('a secret wins over a variable of the same name', async () => {
  const spec = {...secretive(`${tellDigest}; ${forever}`), variables: {API_KEY: 'plain'}}
  await ground.manager().start(spec)

  expect(await digests(1)).toEqual([digest])
})

test('two who start the same process at once start it once', async () => {
  const starts = [1, 2, 3].map(() => ground.manager().start(secretive(`${tellDigest}; ${forever}`)))
  await Promise.all(starts)

  expect(await digests(1)).toEqual([digest])
  await eventually('one keeper', () => ground.living().length === 1)
})

test('a keeper that is not told its secrets to the end starts nothing', async () => {
  // What a starter that was killed in between leaves: a specification, and a pipe that ends too early.
  const starter = fileURLToPath(new URL('./half-told.ts', import.meta.url))
  const [node, ...loader] = keeperFromSource.slice(0, -1) as [string, ...string[]]
  const settings = {
    directory: ground.processes,
    keeper: keeperFromSource,
    baseVariables: {PATH: process.env['PATH'] ?? '/usr/bin:/bin'},
    limits: quickLimits,
  }
  const child = spawn(node, [...loader, starter, JSON.stringify({settings, directory: ground.directory})])
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))

  expect(code).toBe(3)
  expect(await ground.manager().list()).toEqual([])
  expect(ground.living()).toEqual([])
  expect(readdirSync(ground.file('hello', '.')).filter((name) => name.startsWith('next-'))).toEqual([])
})

test('its files are for this user only, whatever the umask is', async () => {
  const before = process.umask(0)
  try {
    await ground.manager().start(secretive(`${tellDigest}; ${forever}`))
    await digests(1)
    const directory = ground.file('hello', '.')
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(directory)) {
      expect([name, statSync(path.join(directory, name)).mode & 0o077]).toEqual([name, 0])
    }
  } finally {
    process.umask(before)
  }
})

test('what goes over the pipe is complete or nothing', async () => {
  const text = secretsText({A: new Secret('a"\n€'), B: new Secret('')})
  const read = (part: string) =>
    readSecrets(
      (async function* () {
        yield Buffer.from(part)
      })(),
    )

  expect(await read(text)).toEqual({A: 'a"\n€', B: ''})
  for (let length = 0; length < text.length; length++)
    expect(await read(text.slice(0, length))).toBeUndefined()
})
