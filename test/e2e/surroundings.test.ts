import {spawn} from 'node:child_process'
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from '@jest/globals'

import {freePort} from '../support/free-port.js'
import {get} from './support/http.js'
import {PlainService} from './support/plain-service.js'
import {processesNaming} from './support/processes.js'
import {eventually, packageRoot, Sandbox} from './support/sandbox.js'

const noStack = /\n\s+at .*:\d+:\d+/

describe('a catalog that can not be used', () => {
  let sandbox: Sandbox

  beforeEach(() => {
    sandbox = new Sandbox()
    mkdirSync(sandbox.state)
  })
  afterEach(() => sandbox.dispose())

  test('one that is damaged is copied, never deleted, and every command says so', async () => {
    const file = path.join(sandbox.state, 'catalog.db')
    writeFileSync(file, 'SQLite format 3\0 and then rubbish'.repeat(200))
    const before = readFileSync(file)
    for (const command of [['status'], ['services', 'list'], ['up', '--detach']]) {
      const ended = await sandbox.yard(command)
      expect({code: ended.code, stderr: ended.stderr}).toMatchObject({code: 4})
      expect(ended.stderr).toContain('E_CATALOG_CORRUPT')
      expect(ended.stderr).not.toMatch(noStack)
    }
    expect(readFileSync(file).equals(before)).toBe(true)
    const copies = readdirSync(sandbox.state).filter((name) => name.startsWith('catalog.db.corrupt-'))
    expect(copies).toHaveLength(1)
  })

  test('doctor names it as one finding among the others', async () => {
    writeFileSync(
      path.join(sandbox.state, 'catalog.db'),
      'no database at all, but long enough to be read as one',
    )
    const ended = await sandbox.yard(['doctor'])
    expect(ended.code).toBe(1)
    expect(ended.stdout).toContain('haproxy')
    expect(ended.stdout).toMatch(/✗ catalog/)
  })

  test('a URL that names none is refused', async () => {
    const ended = await sandbox.yard(['status'], {env: {YARD_CATALOG: 'redis://somewhere'}})
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain('E_CATALOG_URL')
  })

  test.each(['etcd', 'http'])(
    'one over %s that nobody answers for is unreachable, and said so soon',
    async (kind) => {
      const url = `${kind}://127.0.0.1:${await freePort()}`
      for (const command of [
        ['services', 'list'],
        ['config', 'set', '--shared', 'A=1'],
        ['up', '--detach'],
      ]) {
        const startedAt = performance.now()
        const ended = await sandbox.yard(command, {env: {YARD_CATALOG: url}})
        expect({code: ended.code, stderr: ended.stderr}).toMatchObject({
          code: 4,
          stderr: expect.stringContaining('E_CATALOG_UNREACHABLE'),
        })
        expect(ended.stderr).not.toMatch(noStack)
        expect(performance.now() - startedAt).toBeLessThan(20_000)
      }
    },
  )
})

describe('surroundings of a running environment', () => {
  const sandbox = new Sandbox()
  let port: number

  beforeAll(async () => {
    const service = new PlainService(sandbox, 'talker')
    port = await sandbox.up()
    await sandbox.mustRun(['register'], {cwd: service.root})
    await sandbox.mustRun(['deploy'], {cwd: service.root})
    for (let index = 0; index < 5; index++) await get(port, {'Yard-Service': 'talker'})
  })
  afterAll(() => sandbox.dispose())

  test('logs piped into head end at once, with 0', async () => {
    const program = path.join(packageRoot, 'bin/run.js')
    const script = `"${process.execPath}" "${program}" logs tail talker | head -1; echo "\${PIPESTATUS[0]}"`
    const child = spawn('bash', ['-c', script], {env: sandbox.env, stdio: ['ignore', 'pipe', 'pipe']})
    let stdout = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    await new Promise((resolve) => child.on('close', resolve))
    const lines = stdout.trim().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[1]).toBe('0')
  })

  test('Ctrl-C ends a live tail with 130 and no noise', async () => {
    const ended = await sandbox.yard(['logs', 'tail', 'talker'], {
      whileRunning: (child, written) => {
        void eventually('it shows lines', () => (written() === '' ? undefined : true)).then(() =>
          child.kill('SIGINT'),
        )
      },
    })
    expect(ended.code).toBe(130)
    expect(ended.stderr).not.toMatch(noStack)
  })

  test('HAProxy killed with SIGKILL comes back by itself', async () => {
    const proxies = processesNaming(`${sandbox.state}/`).filter(({command}) =>
      /haproxy\b.* -f /.test(command),
    )
    expect(proxies.length).toBeGreaterThan(0)
    for (const {pid} of proxies) process.kill(pid, 'SIGKILL')
    await eventually('it answers again', async () => {
      const answer = await get(port, {'Yard-Service': 'talker'}).catch(() => undefined)
      return answer?.status === 200 ? true : undefined
    })
  })

  test('an instance killed with SIGKILL comes back by itself, and status counts it', async () => {
    const answer = await get(port, {'Yard-Service': 'talker'})
    process.kill(Number(answer.json()['pid']), 'SIGKILL')
    await eventually('it answers with another process', async () => {
      const next = await get(port, {'Yard-Service': 'talker'}).catch(() => undefined)
      return next?.status === 200 && next.json()['pid'] !== answer.json()['pid'] ? true : undefined
    })
    const [instance] = await sandbox.instances()
    expect(instance).toMatchObject({id: 'talker-r1@localhost', restarts: 1})
  })

  test('a keeper killed with SIGKILL is replaced, and its process runs once', async () => {
    const keeper = processesNaming('keeper.js').find(({command}) =>
      command.includes(`${sandbox.state}/local/processes/talker-r1`),
    )
    expect(keeper).toBeDefined()
    process.kill(keeper!.pid, 'SIGKILL')
    await eventually('another keeper is at work', () =>
      processesNaming('keeper.js').some(
        ({command, pid}) =>
          command.includes(`${sandbox.state}/local/processes/talker-r1`) && pid !== keeper!.pid,
      )
        ? true
        : undefined,
    )
    await eventually('it answers', async () => {
      const next = await get(port, {'Yard-Service': 'talker'}).catch(() => undefined)
      return next?.status === 200 ? true : undefined
    })
    const servers = () =>
      processesNaming('YARD_RELEASE=talker-r1').filter(({command}) => command === 'node server.js')
    // The one that lost its keeper may have answered, and is ended before its successor starts.
    await eventually('its successor runs', () => (servers().length === 1 ? true : undefined))
    expect(servers()).toHaveLength(1)
  })
})
