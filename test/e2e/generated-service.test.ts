import {type ChildProcess, execFileSync, spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {createWithFirstCommit} from '../../src/adapters/repo-git/first-commit.js'
import {LocalStages} from '../../src/adapters/stage-local/index.js'
import {generate} from '../../src/lifecycle/generate/generate.js'
import {ManualClock} from '../fakes/clock.js'

/** The service that `yard generate service` makes, installed, tested and run for real. */
const registry = spawnSync('npm', ['ping'], {timeout: 30_000})
const reason = registry.status === 0 ? undefined : 'npm ping does not succeed'
const variables = {PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? os.tmpdir()}
const main = 'dist/src/main.js'
let base: string
let service: string
const children: ChildProcess[] = []

// eslint-disable-next-line @typescript-eslint/no-unused-expressions -- jest has no other way to name a reason
reason === undefined
  ? describe('the generated service', tests)
  : describe.skip(`the generated service: ${reason}`, tests)

function tests(): void {
  beforeAll(async () => {
    base = mkdtempSync(path.join(os.tmpdir(), 'yard-generated-'))
    await generated('hello')
    service = path.join(base, 'hello')
    npm('ci')
  }, 300_000)

  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(base, {recursive: true, force: true})
  })

  test('installs from its lock file without changing it, and its own tests pass', () => {
    expect(npm('test')).toMatch(/^(?:#|ℹ) fail 0$/m)
    expect(execFileSync('git', ['status', '--porcelain'], {cwd: service}).toString()).toBe('')
  })

  test('answers, logs one line a request, drains on SIGTERM and exits 0', async () => {
    const {child, closed, url, output} = await start({
      YARD_RELEASE: 'hello-r7',
      DRAIN_MILLIS: '4000',
      LOG_LEVEL: 'info',
    })
    for (const route of ['/livez', '/readyz', '/', '/none']) {
      expect((await fetch(url + route)).headers.get('yard-release')).toBe('hello-r7')
    }

    child.kill('SIGTERM')

    const deadline = Date.now() + 3_900
    while ((await fetch(`${url}/readyz`)).status !== 503) expect(Date.now()).toBeLessThan(deadline)
    expect((await fetch(url)).status).toBe(200)
    expect(await closed).toEqual([0, null])
    const lines = output().trim().split('\n')
    const requests = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({msg}) => msg === 'request')
    expect(requests.map(({route, status}) => [route, status])).toEqual([
      ['/', 200],
      ['none', 404],
      ['/', 200],
    ])
  })

  test('serves a request that arrives just as it is told to stop', async () => {
    const {child, closed, url} = await start({DRAIN_MILLIS: '500'})
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1')
    await once(socket, 'connect')
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    socket.write('GET /greetings/slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')

    child.kill('SIGTERM')

    await once(socket, 'close')
    expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*Hello, slow/)
    expect(await closed).toEqual([0, null])
  })

  test('lists every wrong variable without its value and exits 78', () => {
    const {status, stderr} = spawnSync(process.execPath, [main], {
      cwd: service,
      env: {...variables, PORT: 'se-cret', DRAIN_MILLIS: 'se-cret', GREETING: 'x'.repeat(101)},
    })

    expect(status).toBe(78)
    expect(stderr.toString()).toMatch(/PORT must[^]*DRAIN_MILLIS must[^]*GREETING must/)
    expect(stderr.toString()).not.toContain('se-cret')
  })

  test('a taken port is logged once and ends it with exit 1', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const {port} = taken.address() as net.AddressInfo

    const {status, stdout} = spawnSync(process.execPath, [main], {
      cwd: service,
      env: {...variables, PORT: String(port)},
    })

    taken.close()
    expect(status).toBe(1)
    expect(stdout.toString().trim().split('\n')).toHaveLength(1)
    expect(stdout.toString()).toContain('EADDRINUSE')
  })

  test('ships without its development dependencies', () => {
    npm('prune', '--omit=dev')

    expect(existsSync(path.join(service, 'node_modules/typescript'))).toBe(false)
    expect(readdirSync(path.join(service, 'node_modules'))).toContain('fastify')
    const manifests = readFileSync(path.join(service, 'node_modules/.package-lock.json'), 'utf8')
    expect(manifests).not.toContain('hasInstallScript')
  })
}

async function generated(name: string): Promise<void> {
  await generate(
    {
      stages: new LocalStages(),
      files: () => Promise.reject(new Error('not asked for')),
      commands: () => Promise.reject(new Error('not with install: false')),
      repository: async () => ({
        identity: async () => undefined,
        createWithFirstCommit: (directory, message) => createWithFirstCommit({variables}, directory, message),
      }),
      clock: new ManualClock(),
      report: () => undefined,
      signal: new AbortController().signal,
    },
    {
      name,
      parent: base,
      template: 'node',
      ci: 'github',
      user: 'ada',
      settings: [],
      workingDirectory: '/',
      install: false,
      dryRun: false,
    },
  )
}

function npm(...args: string[]): string {
  return execFileSync('npm', [...args, '--no-audit', '--no-fund'], {
    cwd: service,
    timeout: 240_000,
    stdio: 'pipe',
  }).toString()
}

async function start(extra: Record<string, string>) {
  const child = spawn(process.execPath, [main], {cwd: service, env: {...variables, PORT: '0', ...extra}})
  children.push(child)
  // Later than its end: once all that it wrote is read.
  const closed = once(child, 'close')
  let text = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0]
      if (address !== undefined) resolve(address)
    })
    child.once('exit', () => reject(new Error(`it ended: ${text}`)))
  })
  return {child, closed, url, output: () => text}
}
