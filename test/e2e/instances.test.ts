import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {connect} from 'node:net'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {parseServersState} from '../../src/domain/haproxy/answers.js'
import {get} from './support/http.js'
import {PlainService} from './support/plain-service.js'
import {eventually, Sandbox} from './support/sandbox.js'

interface ListedJson {
  id: string
  state: string
  weight: number
  getsRequests: boolean
  seen?: {running: string; pid?: number; healthy?: boolean}
}

const id = 'hello-r1@localhost'

describe('an operator and the instances of a service', () => {
  const sandbox = new Sandbox()
  let service: PlainService
  let port: number

  const statusOf = async () => (await get(port, {'Yard-Service': 'hello'})).status
  const instance = async (): Promise<ListedJson | undefined> =>
    (await sandbox.json<ListedJson[]>(['instances', 'list', 'hello']))[0]

  beforeAll(async () => {
    service = new PlainService(sandbox, 'hello')
    port = await sandbox.up()
    await sandbox.mustRun(['register'], {cwd: service.root})
    await sandbox.mustRun(['deploy'], {cwd: service.root})
  })
  afterAll(() => sandbox.dispose())

  test('a weight is in the file and in the running HAProxy, and requests go on', async () => {
    await sandbox.mustRun(['instances', 'weight', id, '10'])

    const file = path.join(sandbox.state, 'local', 'haproxy', 'haproxy.cfg')
    await eventually('HAProxy follows', () =>
      / server \S+ \S+ weight 10 /.test(readFileSync(file, 'utf8')) ? true : undefined,
    )
    await eventually('the running HAProxy has it', async () => {
      const servers = parseServersState(await askHaproxy(sandbox, 'show servers state'))
      return servers.some(({weight}) => weight === 10) ? true : undefined
    })
    expect(await statusOf()).toBe(200)
    expect(await instance()).toMatchObject({weight: 10, getsRequests: true})
    await sandbox.mustRun(['instances', 'weight', id, '100'])
  })

  test('the last one is not taken out of the traffic without a word', async () => {
    const {code, stderr} = await sandbox.yard(['instances', 'disable', id])

    expect(code).toBe(3)
    expect(stderr).toContain('callers get errors')
    expect(await statusOf()).toBe(200)
  })

  test('disabled it gets nothing soon after and runs on; enabled it serves again', async () => {
    const before = await instance()
    await sandbox.mustRun(['instances', 'disable', id, '--yes'])
    await eventually('callers get errors', async () => ((await statusOf()) === 503 ? true : undefined))
    const disabled = await instance()
    expect(disabled).toMatchObject({state: 'disabled', getsRequests: false, seen: {running: 'running'}})
    expect(disabled?.seen?.pid).toBe(before?.seen?.pid)

    await sandbox.mustRun(['instances', 'enable', id])
    await eventually('it serves', async () => ((await statusOf()) === 200 ? true : undefined))
    expect((await instance())?.seen?.pid).toBe(before?.seen?.pid)
  })

  test('drained it gets nothing new, and a deploy replaces it', async () => {
    await sandbox.mustRun(['instances', 'drain', id, '--yes'])
    await eventually('callers get errors', async () => ((await statusOf()) === 503 ? true : undefined))
    expect(await instance()).toMatchObject({state: 'draining', seen: {running: 'running'}})

    await sandbox.mustRun(['deploy'], {cwd: service.root})

    expect(await statusOf()).toBe(200)
    const left = await sandbox.json<ListedJson[]>(['instances', 'list'])
    expect(left).toMatchObject([{id: 'hello-r2@localhost', state: 'up', weight: 100}])
  })

  test('a consumer finds its token after its next deploy, and nobody else sees it', async () => {
    const called = new PlainService(sandbox, 'order-history')
    await sandbox.mustRun(['register'], {cwd: called.root})
    service.write(
      'service.yaml',
      `${readFileSync(path.join(service.root, 'service.yaml'), 'utf8')}calls: [order-history]\n`,
    )
    service.commit('calls')
    await sandbox.mustRun(['register'], {cwd: service.root})
    const check = await sandbox.yard(['check'])
    expect(check).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('yard consumers add hello --of order-history'),
    })

    const added = await sandbox.mustRun(['consumers', 'add', 'hello', '--of', 'order-history'])
    expect((await sandbox.yard(['check'])).code).toBe(0)
    const deployed = await sandbox.mustRun(['deploy'], {cwd: service.root})

    const pid = (await instance())?.seen?.pid
    expect(pid).toBeGreaterThan(0)
    // Other systems don't show the variables of a process as a file.
    if (process.platform !== 'linux') return
    const variables = readFileSync(`/proc/${pid ?? 0}/environ`, 'utf8').split('\0')
    const token = variables.find((line) => line.startsWith('YARD_TOKEN_ORDER_HISTORY='))?.split('=')[1] ?? ''
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
    const database = readFileSync(path.join(sandbox.state, 'catalog.db'), 'latin1')
    const tail = readFileSync(path.join(sandbox.state, 'catalog.db-wal'), 'latin1')
    expect(database + tail).not.toContain(token)
    expect(database + tail).toContain(createHash('sha256').update(token).digest('hex'))
    expect(added.stdout + added.stderr + deployed.stdout + deployed.stderr).not.toContain(token)
  })
})

/** What the HAProxy of a sandbox answers on its socket. */
function askHaproxy(sandbox: Sandbox, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(path.join(sandbox.state, 'run', 'haproxy.sock'))
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')))
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
    socket.on('error', reject)
    socket.on('end', () => resolve(answer))
    socket.write(`${line}\n`)
  })
}
