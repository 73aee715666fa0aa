import {createHash, randomBytes} from 'node:crypto'
import {chmodSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {freePort} from '../support/free-port.js'
import {Canary, filesBelow, openToOthers} from './support/canary.js'
import {get} from './support/http.js'
import {PlainService} from './support/plain-service.js'
import {eventually, packageRoot, Sandbox} from './support/sandbox.js'

const secret = new Canary(`CANARY-7f3a-${randomBytes(12).toString('hex')}`)
const referred = new Canary(`CANARY-7f3b-${randomBytes(12).toString('hex')}`)
const plain = new Canary(`PLAIN-7f3c-${randomBytes(12).toString('hex')}`)
/** As secrets are: several lines, quotes, and characters that encodings differ in. */
const value = `${secret.text} "&%'$\\é\n-----END ${secret.text}-----`

const manifest = readFileSync(path.join(packageRoot, 'oclif.manifest.json'), 'utf8')
const {commands} = JSON.parse(manifest) as {commands: Record<string, unknown>}

/** Every command that reads; those that this yard doesn't have are left out. */
const reading = [
  ['status'],
  ['services', 'list'],
  ['services', 'show', 'hello'],
  ['releases', 'list'],
  ['instances', 'list'],
  ['config', 'list', 'hello'],
  ['config', 'list', '--shared'],
  ['config', 'get', 'hello', 'SEALED'],
  ['config', 'diff', 'hello', '--from', 'local', '--to', 'local'],
  ['logs', 'tail', '--all', '--no-follow', '--lines', '500'],
  ['audit'],
  ['catalog', 'show'],
  ['catalog', 'export'],
  ['check'],
  ['doctor'],
].filter((words) => [words[0], words.slice(0, 2).join(':')].some((id) => id !== undefined && id in commands))

describe('a secret', () => {
  const sandbox = new Sandbox()
  const programs = path.join(sandbox.home, 'programs')
  const written: string[] = []
  const umask = process.umask(0)
  let service: PlainService
  let port: number

  async function yard(args: string[], options: {input?: string; code?: number} = {}) {
    const env = {PATH: `${programs}:${process.env['PATH'] ?? ''}`}
    const ended = await sandbox.yard(args, {cwd: service.root, env, ...options})
    written.push(ended.stdout, ended.stderr)
    if (options.code !== undefined && ended.code !== options.code) {
      throw new Error(`yard ${args.join(' ')} ended with ${ended.code}\n${ended.stdout}\n${ended.stderr}`)
    }
    return ended
  }

  /** Stands in for 1Password, which needs an account. */
  function op(script: string): void {
    const file = path.join(programs, 'op')
    writeFileSync(file, `#!/bin/sh\n${script}\n`)
    chmodSync(file, 0o755)
  }

  async function digest(): Promise<unknown> {
    return (await get(port, {'Yard-Service': 'hello'})).json()['secretDigest']
  }

  beforeAll(async () => {
    mkdirSync(programs)
    service = new PlainService(sandbox, 'hello')
    secret.watchCommandLines()
    referred.watchCommandLines()
    port = await freePort()
    await yard(['up', '--detach', '--port', String(port)], {code: 0})
    await yard(['register'], {code: 0})
  })
  afterAll(async () => {
    secret.stopWatching()
    referred.stopWatching()
    await sandbox.dispose()
    process.umask(umask)
  })

  test('that is piped in reaches the instance byte for byte', async () => {
    const {stdout} = await yard(['config', 'set', 'hello', 'API_KEY', '--secret'], {
      input: `${value}\n`,
      code: 0,
    })
    expect(stdout).toContain('set API_KEY, a secret')
    expect(stdout).toContain('The next deploy of hello to local makes a new release with it.')
    await yard(['config', 'set', 'hello', 'SEALED', '--secret'], {input: value, code: 0})
    await yard(['config', 'set', 'hello', `PLAIN=${plain.text}`], {code: 0})
    await yard(['deploy'], {code: 0})

    expect(await digest()).toBe(sha256(value))
  })

  test('is still there after the instance crashed, and after down and up', async () => {
    const {pid} = (await get(port, {'Yard-Service': 'hello'})).json()
    process.kill(Number(pid), 'SIGKILL')
    await eventually('a new process', async () => {
      const answer = await get(port, {'Yard-Service': 'hello'})
      return answer.status === 200 && answer.json()['pid'] !== pid ? true : undefined
    })
    expect(await digest()).toBe(sha256(value))

    await yard(['down'], {code: 0})
    await yard(['up', '--detach'], {code: 0})
    expect(await digest()).toBe(sha256(value))
  })

  test('of another store is opened where the instance starts', async () => {
    op(`[ "$*" = "read op://team/stripe/key" ] && echo '${referred.text}'`)
    await yard(['config', 'set', 'hello', 'API_KEY=secret://op/team/stripe/key'], {code: 0})
    await yard(['down'], {code: 0})
    await yard(['up', '--detach'], {code: 0})
    // The release that is live keeps what it has.
    expect(await digest()).toBe(sha256(value))
    await yard(['deploy'], {code: 0})

    expect(await digest()).toBe(sha256(referred.text))
  })

  test('that can not be opened fails the deploy with the reason, and the old release keeps the traffic', async () => {
    op('echo "[ERROR] not signed in" >&2; exit 1')
    service.commit('third')
    const {code, stderr} = await yard(['deploy'])

    expect(code).toBe(1)
    expect(stderr).toContain("Can't open API_KEY")
    expect(stderr).toContain('[ERROR] not signed in')
    expect(await digest()).toBe(sha256(referred.text))
  })

  test('is never asked for on the command line, and a refusal does not repeat it', async () => {
    const {code, stderr, stdout} = await sandbox.yard([
      'config',
      'set',
      'hello',
      `K=${plain.text}`,
      '--secret',
    ])

    expect(code).toBe(2)
    expect(plain.isIn(stdout + stderr)).toBe(false)
    expect((await yard(['config', 'set', 'hello', 'EMPTY', '--secret'], {input: '\n'})).code).toBe(2)
    expect((await yard(['config', 'set', 'hello', 'EMPTY', '--secret'])).code).toBe(2)
  })

  const shown = reading.flatMap((words) => [words, [...words, '--json']])
  test.each(shown.map((words) => [words.join(' '), words] as const))(
    'is not shown by yard %s',
    async (_title, words) => {
      const {code} = await yard([...words])

      // All of them answer; the value of a secret is refused.
      expect(words[1] === 'get' ? code === 2 : code === 0 || code === 1).toBe(true)
    },
  )

  test('was in nothing that yard wrote', () => {
    expect(written.length).toBeGreaterThan(20)
    expect(written.filter((text) => secret.isIn(text) || referred.isIn(text))).toEqual([])
  })

  test('is in no file: not in the catalog, its log, the audit, logs, records of processes', () => {
    expect(filesBelow(sandbox.state).some((file) => file.endsWith('catalog.db'))).toBe(true)
    expect(secret.filesWith(sandbox.state)).toEqual([])
    expect(referred.filesWith(sandbox.state)).toEqual([])
    expect(secret.filesWith(path.join(sandbox.home, '.config'))).toEqual([])
    // Proof that the search finds what is there.
    expect(plain.filesWith(sandbox.state).length).toBeGreaterThan(0)
  })

  const isLinux = process.platform === 'linux'
  const inCommandLines = isLinux ? test : test.skip
  inCommandLines(`was in no command line${isLinux ? '' : ' (only Linux has /proc)'}`, () => {
    expect(secret.stopWatching()).toEqual([])
    expect(referred.stopWatching()).toEqual([])
    expect(secret.samples).toBeGreaterThan(100)
  })

  test('and plain values after an equals sign are not in the audit', async () => {
    if (!('audit' in commands)) return
    const {stdout} = await yard(['audit', '--json'], {code: 0})

    expect(stdout).toContain('config set')
    expect(plain.isIn(stdout)).toBe(false)
  })

  test('lies in files for this user only although the umask is 000', () => {
    const identity = path.join(sandbox.home, '.config/yard/identity.txt')
    expect((statSync(identity).mode & 0o777).toString(8)).toBe('600')
    expect((statSync(path.dirname(identity)).mode & 0o777).toString(8)).toBe('700')
    const processes = path.join(sandbox.state, 'local/processes')
    expect(openToOthers(processes)).toEqual([])
    expect((statSync(sandbox.state).mode & 0o777).toString(8)).toBe('700')
  })
})

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
