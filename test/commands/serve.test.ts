import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import net from 'node:net'
import path from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'

import {afterEach, expect, test} from '@jest/globals'

import {openHttpStore} from '../../src/adapters/store-http/index.js'
import {keys} from '../../src/catalog/keys.js'
import Serve from '../../src/commands/serve.js'
import TokensCreate from '../../src/commands/tokens/create.js'
import {type TokenCreateReport} from '../../src/lifecycle/tokens/create.js'
import {eventually} from '../contracts/store-actions.js'
import {runCommand} from '../fakes/run-command.js'
import {stateDirectory} from '../fakes/state-directory.js'
import {ask, WatchReader} from '../server/asking.js'

const state = stateDirectory()
const project = fileURLToPath(new URL('../../', import.meta.url))
const running: ChildProcess[] = []

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})

interface Started {
  child: ChildProcess
  url: string
  stderr: () => string
}

/** The command in a program of its own, on a free port. */
async function start(...words: string[]): Promise<Started> {
  const tsx = pathToFileURL(path.join(project, 'node_modules/tsx/dist/esm/index.mjs')).href
  const program = fileURLToPath(new URL('serve-program.ts', import.meta.url))
  const variables = {...process.env, YARD_STATE_DIR: state.path, NODE_OPTIONS: ''}
  const args = ['--import', tsx, program, '--listen', '127.0.0.1:0', '--json', ...words]
  const child = spawn(process.execPath, args, {env: variables, cwd: state.path})
  running.push(child)
  const written = {stdout: '', stderr: ''}
  child.stdout.on('data', (chunk: Buffer) => (written.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (written.stderr += chunk.toString()))
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(written.stderr)
    return written.stdout.includes('\n')
  }, 50_000)
  const {url} = JSON.parse(written.stdout) as {url: string}
  return {child, url, stderr: () => written.stderr}
}

async function makeToken(role: string): Promise<string> {
  const {stdout} = await runCommand(TokensCreate, ['ci', '--role', role, '--json'], state.path)
  return (JSON.parse(stdout) as TokenCreateReport).token ?? ''
}

test('serves the catalog to those with a token, logs it, and ends in peace on SIGTERM', async () => {
  const token = await makeToken('deployer')
  const {child, stderr, url} = await start()
  const store = await openHttpStore({url, token})
  await store.transact([], [{put: keys.service('hello'), value: 'canary-7f3a'}])
  const reader = await WatchReader.open(`${url}/v1/watch?prefix=${keys.services}`, token)
  const began = performance.now()
  child.kill('SIGTERM')
  const [code] = (await once(child, 'close')) as [number | null]

  expect({code, stderr: stderr()}).toMatchObject({code: 0})
  expect(performance.now() - began).toBeLessThan(10_000)
  await eventually(async () => reader.isEnded)
  expect(reader.text).toMatch(/event: closing\ndata: {}\n\n$/)
  const lines = stderr()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines).toEqual([
    expect.objectContaining({method: 'POST', route: '/v1/transact', status: 200, token: 'ci'}),
    expect.objectContaining({method: 'GET', route: '/v1/watch', status: 200, token: 'ci'}),
  ])
  expect(stderr()).not.toMatch(/canary|yard_/)
  await store.close()
})

test('says that nobody can use it yet, and logs nothing with --quiet', async () => {
  const {child, stderr, url} = await start('--quiet')
  expect((await ask(`${url}/v1/me`)).status).toBe(401)
  child.kill('SIGINT')
  const [code] = (await once(child, 'close')) as [number | null]

  expect(code).toBe(0)
  expect(stderr()).toContain('yard tokens create admin --role admin')
  expect(stderr()).not.toContain('/v1/me')
})

test.each(['0.0.0.0:0', '[::]:0', '10.0.0.1:7600'])(
  'does not listen on %s without TLS or a proxy',
  async (listen) => {
    const {error} = await runCommand(Serve, ['--listen', listen], state.path)

    expect(error).toMatchObject({
      code: 'E_LISTEN',
      exitCode: 3,
      next: expect.arrayContaining(['yard serve --listen 127.0.0.1:7600']),
    })
  },
)

test('says who has the port', async () => {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as net.AddressInfo
  const {error} = await runCommand(Serve, ['--listen', `127.0.0.1:${port}`], state.path)
  server.close()

  expect(error).toMatchObject({code: 'E_LISTEN', why: 'another program listens there'})
})

test.each(['hello', '127.0.0.1', ':7600', '127.0.0.1:99999', '[zz]:1', '127.0.0.1:x'])(
  'refuses to listen on %s, which is no address',
  async (listen) => {
    const {error} = await runCommand(Serve, ['--listen', listen], state.path)

    expect(error).toMatchObject({code: 'E_USAGE', exitCode: 2})
  },
)

test('refuses a certificate without its key, and one that is none', async () => {
  const alone = await runCommand(Serve, ['--tls-certificate', 'server.pem'], state.path)
  const file = fileURLToPath(import.meta.url)
  const wrong = await runCommand(Serve, ['--tls-certificate', file, '--tls-key', file], state.path)
  const absent = await runCommand(Serve, ['--tls-certificate', '/nowhere', '--tls-key', file], state.path)

  expect(alone.error).toMatchObject({code: 'E_USAGE'})
  expect(wrong.error).toMatchObject({code: 'E_LISTEN'})
  expect(absent.error).toMatchObject({code: 'E_LISTEN', why: 'reading it gives ENOENT'})
})

test('does not serve what is served already', async () => {
  const {error} = await runCommand(Serve, ['--catalog', 'http://127.0.0.1:1'], state.path)

  expect(error).toMatchObject({code: 'E_CATALOG_URL', exitCode: 2})
})
