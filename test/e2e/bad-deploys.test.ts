import net from 'node:net'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {get} from './support/http.js'
import {PlainService, type PlainServiceOptions} from './support/plain-service.js'
import {processesNaming} from './support/processes.js'
import {type Ended, eventually, Sandbox} from './support/sandbox.js'

const noStack = /\n\s+at .*:\d+:\d+/

describe('a deploy of a service that misbehaves', () => {
  const sandbox = new Sandbox()
  let service: PlainService
  let port: number

  beforeAll(async () => {
    service = new PlainService(sandbox, 'moody')
    port = await sandbox.up()
    await sandbox.mustRun(['register'], {cwd: service.root})
    await sandbox.mustRun(['deploy'], {cwd: service.root})
  })
  afterAll(() => sandbox.dispose())

  /** The release that was live before answers, alone, and nothing of the new one is left. */
  async function expectUntouched(failed: Ended, step: string): Promise<void> {
    expect({code: failed.code, stderr: failed.stderr}).toMatchObject({code: 1})
    expect(failed.stderr).toContain(step)
    expect(failed.stderr).not.toMatch(noStack)
    expect((await get(port, {'Yard-Service': 'moody'})).json()).toMatchObject({release: 'moody-r1'})
    const instances = await sandbox.instances()
    expect(instances.map(({id}) => id)).toEqual(['moody-r1@localhost'])
    const servers = processesNaming('YARD_RELEASE=moody-r').filter(
      ({command}) => command === 'node server.js',
    )
    expect(servers).toHaveLength(1)
  }

  async function deployWith(options: PlainServiceOptions, env: Record<string, string> = {}): Promise<Ended> {
    service.configure(options)
    service.commit(JSON.stringify(options))
    return sandbox.yard(['deploy'], {cwd: service.root, env})
  }

  test('one whose build fails', async () => {
    const failed = await deployWith({build: ['echo building', 'sh -c "echo no compiler >&2; exit 3"']})
    await expectUntouched(failed, 'no compiler')
  })

  test('one whose build floods its output', async () => {
    const failed = await deployWith({build: ['yes flood | head -c 50000000; exit 1']})
    await expectUntouched(failed, 'build')
    expect(failed.stderr.length).toBeLessThan(100_000)
  })

  test('one that ends at once: its last lines are shown', async () => {
    const failed = await deployWith({mode: 'crash'})
    await expectUntouched(failed, 'the database is on fire')
  })

  test('one that never becomes ready', async () => {
    await expectUntouched(await deployWith({mode: 'never-ready', timeout: '2s'}), 'health')
  })

  test('one that never listens', async () => {
    await expectUntouched(await deployWith({mode: 'never-listens', timeout: '2s'}), 'health')
  })

  test('one that answers with another release', async () => {
    await expectUntouched(await deployWith({mode: 'lies', timeout: '3s'}), 'other-r1')
  })

  test('one that is ready for two seconds and then dies', async () => {
    await expectUntouched(await deployWith({mode: 'dies-later', stable: '3s'}), 'health')
  })

  test('one whose smoke tests fail: traffic moves back', async () => {
    service.write('smoke/basic.hurl', 'GET {{base_url}}/\nHTTP 418\n')
    await expectUntouched(await deployWith({}), 'smoke')
    service.write('smoke/basic.hurl', 'GET {{base_url}}/\nHTTP 200\n')
  })

  test('Ctrl-C during a build that hangs leaves nothing behind', async () => {
    service.configure({build: ['echo hanging; sleep 600']})
    service.commit('hangs')
    const ended = await sandbox.yard(['deploy'], {
      cwd: service.root,
      whileRunning: (child) => {
        void eventually('the build runs', () =>
          processesNaming('sleep 600').length > 0 ? true : undefined,
        ).then(() => child.kill('SIGINT'))
      },
    })
    expect(ended.code).toBe(130)
    expect(processesNaming('sleep 600')).toEqual([])
    expect((await get(port, {'Yard-Service': 'moody'})).status).toBe(200)
  })

  test('H13 two at once: the second is refused and says who is at work', async () => {
    service.configure({build: ['sleep 4']})
    service.commit('slow')
    const first = sandbox.yard(['deploy'], {cwd: service.root})
    await eventually('the first is building', () =>
      processesNaming('sleep 4').length > 0 ? true : undefined,
    )
    const second = await sandbox.yard(['deploy'], {cwd: service.root})
    expect(second.code).toBe(3)
    expect(second.stderr).toMatch(/since .* process \d+/)
    expect((await first).code).toBe(0)
  })

  test('one that ignores SIGTERM is ended after its grace time', async () => {
    expect((await deployWith({mode: 'ignores-sigterm'})).code).toBe(0)
    const next = await deployWith({mode: 'good'})
    expect({code: next.code, stderr: next.stderr}).toMatchObject({code: 0})
    const servers = processesNaming('YARD_RELEASE=moody-r').filter(
      ({command}) => command === 'node server.js',
    )
    expect(servers).toHaveLength(1)
  })
})

describe('a deploy that is refused', () => {
  const sandbox = new Sandbox()
  let service: PlainService

  beforeAll(async () => {
    service = new PlainService(sandbox, 'tidy')
    await sandbox.up()
  })
  afterAll(() => sandbox.dispose())

  const refused = async (args: string[], code: number, text: string, cwd = service.root) => {
    const ended = await sandbox.yard(args, {cwd})
    expect({code: ended.code, stderr: ended.stderr}).toMatchObject({
      code,
      stderr: expect.stringContaining(text),
    })
    expect(ended.stderr).not.toMatch(noStack)
    return ended
  }

  test('of an unregistered service', async () => {
    await refused(['deploy'], 2, 'yard register')
    await sandbox.mustRun(['register'], {cwd: service.root})
  })

  test('outside a repository', async () => {
    await refused(['deploy'], 2, 'E_NO_REPOSITORY', sandbox.home)
  })

  for (const ref of ['no-such-branch', '--output=x', '-f', 'HEAD@{u}', 'a..b', '$(id)']) {
    test(`of the ref ${ref}`, async () => {
      await refused(['deploy', `--ref=${ref}`], 2, 'E_REF_UNKNOWN')
      expect((await sandbox.yard(['status', '--json'])).stdout).not.toContain('tidy-r')
    })
  }

  test('of a dirty work tree, with the way out', async () => {
    service.write('new.txt', 'x')
    await refused(['deploy'], 3, '--allow-dirty')
    await sandbox.mustRun(['deploy', '--allow-dirty'], {cwd: service.root})
    expect((await sandbox.mustRun(['releases', 'list', 'tidy'])).stdout).toContain('+changes')
  })

  const files: [string, string, string][] = [
    ['empty', '', 'service.yaml'],
    ['not YAML', 'name: [', 'service.yaml:1'],
    ['with an unknown key', 'name: tidy\nowner: me\ndescription: x\nonwer: you\n', 'service.yaml:4:1'],
    ['with a wrong type', 'name: tidy\nowner: [1]\ndescription: x\n', 'service.yaml:2'],
    ['with a duplicate key', 'name: tidy\nowner: me\nowner: you\ndescription: x\n', 'service.yaml:3'],
    ['with a port of 70000', 'name: tidy\nowner: me\ndescription: x\nport: 70000\n', 'service.yaml:4'],
    ['of 5 MB', `name: tidy\ndescription: ${'x'.repeat(5_000_000)}\n`, 'service.yaml'],
    ['with a name that is none', 'name: ../../x\nowner: me\ndescription: x\n', 'service.yaml:1'],
  ]
  for (const [what, text, position] of files) {
    test(`register of a service file ${what}`, async () => {
      service.write('service.yaml', text)
      const ended = await refused(['register'], 2, position)
      expect(ended.stderr.length).toBeLessThan(5_000)
    })
  }

  test('of nothing that looks after the environment', async () => {
    service.configure({})
    service.commit('well again')
    await sandbox.mustRun(['down'])
    await refused(['deploy'], 4, 'yard up --detach')
  })
})

describe('a place to run that is not as it should be', () => {
  const sandbox = new Sandbox()
  afterAll(() => sandbox.dispose())

  test('a port that somebody else has', async () => {
    const server = net.createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const {port} = server.address() as net.AddressInfo
    const ended = await sandbox.yard(['up', '--detach', '--port', String(port)])
    server.close()
    expect(ended.code).toBe(4)
    expect(ended.stderr).toContain(`--port ${port + 1}`)
    expect(processesNaming(sandbox.state)).toEqual([])
  })

  test('no haproxy, or one that is none', async () => {
    const missing = await sandbox.yard(['up', '--detach'], {env: {YARD_HAPROXY: '/nowhere/haproxy'}})
    expect(missing.code).toBe(4)
    for (const line of ['apt-get install', 'dnf install', 'brew install'])
      expect(missing.stderr).toContain(line)
  })
})
