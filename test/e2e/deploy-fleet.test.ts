import {afterAll, beforeAll, expect, test} from '@jest/globals'

import {type Load, startLoad} from '../../scripts/demo/load.mjs'
import {keys} from '../../src/catalog/keys.js'
import {type Environment} from '../../src/domain/environment.js'
import {plantRecords} from '../fakes/run-command.js'
import {describeOnPracticeFleet} from '../support/practice-fleet/index.js'
import {PlainService} from './support/plain-service.js'
import {Sandbox} from './support/sandbox.js'

interface Deployed {
  release: number
  outcome: string
  failedHosts?: {host: string; why: string}[]
}

interface Failed {
  code: string
  what: string
  why: string
  details: {step: string; host?: string; live?: number; lastLines: string[]}
}

interface Processes {
  processes: {instance: string; host: string; state?: string}[]
}

const where = ['--env', 'practice']

describeOnPracticeFleet('deploys to a fleet', {hosts: 3}, (fleet) => {
  const sandbox = new Sandbox()
  const loads: Load[] = []
  let service: PlainService
  let live: number

  beforeAll(async () => {
    const records = fleet().records()
    const environment = records[keys.environment('practice')] as Environment
    // So that requests can come from this machine.
    environment.router.address = '0.0.0.0'
    fleet().lendTo(sandbox.state)
    await plantRecords(sandbox.state, records)
    await Promise.all(fleet().hosts.map(({name}) => sandbox.mustRun(['host', 'setup', name, ...where])))
    service = new PlainService(sandbox, 'sturdy')
    await sandbox.mustRun(['register'], {cwd: service.root})
    live = (await deploy('--strategy', 'blue-green')).release
  }, 300_000)

  afterAll(async () => {
    await Promise.all(loads.map((load) => load.stop()))
    await sandbox.dispose()
  })

  const deploy = (...flags: string[]) =>
    sandbox.json<Deployed>(['deploy', ...where, ...flags], {cwd: service.root})

  /** The error of a deploy that doesn't end well. */
  async function failure(...flags: string[]): Promise<Failed> {
    const {code, stdout} = await sandbox.yard(['deploy', ...where, ...flags, '--json'], {cwd: service.root})
    expect(code).not.toBe(0)
    return (JSON.parse(stdout) as {error: Failed}).error
  }

  /** 100 requests a second to the router of each host. */
  function loadEverywhere(): Load[] {
    const started = fleet().hosts.map(({address}) =>
      startLoad({url: `http://${address}:7070/`, headers: {'Yard-Service': 'sturdy'}, perSecond: 100}),
    )
    loads.push(...started)
    return started
  }

  async function releasesRunning(): Promise<string[]> {
    return Promise.all(
      fleet().hosts.map(async (host) => {
        const text = await host.sh('systemctl list-units --plain --no-legend "yard-sturdy-*" | cut -d" " -f1')
        return `${host.name}: ${text.trim().split('\n').sort().join(' ')}`
      }),
    )
  }

  const everywhere = (release: number) =>
    fleet().hosts.map(({name}) => `${name}: yard-sturdy-r${release}.service`)

  test('batch after batch and back again, under load: no request is lost', async () => {
    const running = loadEverywhere()
    service.commit('second')

    const second = await deploy()
    await sandbox.mustRun(['rollback', 'sturdy', ...where])

    const counts = await Promise.all(running.map((load) => load.stop()))
    expect(counts.map(({failed, firstFailure}) => ({failed, firstFailure}))).toEqual(
      counts.map(() => ({failed: 0, firstFailure: undefined})),
    )
    expect(counts.every(({answered}) => answered > 300)).toBe(true)
    expect(counts.every(({releases}) => releases.get(`sturdy-r${second.release}`) !== undefined)).toBe(true)
    expect(await releasesRunning()).toEqual(everywhere(live))
  }, 240_000)

  test('D9 a whole deploy, pushes of the routes included, is one connection and at most four commands on each host', async () => {
    service.commit('counted')
    const marks = await Promise.all(fleet().hosts.map((host) => host.sshMark()))

    live = (await deploy()).release

    const seen = await Promise.all(fleet().hosts.map((host, index) => host.sshSince(marks[index]!)))
    for (const {commands, connections} of seen) {
      expect(connections).toBe(1)
      expect(commands.length).toBeLessThanOrEqual(4)
    }
    expect(await releasesRunning()).toEqual(everywhere(live))
  }, 240_000)

  test('D3 where one host is never healthy, all go back and nothing of the new release is left', async () => {
    const running = loadEverywhere()
    const {address} = fleet().hosts[1]!
    service.edit(
      'server.js',
      "process.env.MODE ?? 'good'",
      `process.env.HOST === '${address}' ? 'never-ready' : 'good'`,
    )
    service.configure({timeout: '3s'})
    service.commit('not on the second host')

    const error = await failure('--batch', '1')

    expect(error).toMatchObject({code: 'E_DEPLOY_FAILED', details: {step: 'health', host: 'fleet-2', live}})
    expect(error.details.lastLines).toBeDefined()
    expect(await releasesRunning()).toEqual(everywhere(live))
    const counts = await Promise.all(running.map((load) => load.stop()))
    expect(counts.map(({failed}) => failed)).toEqual([0, 0, 0])
  }, 240_000)

  test('with --on-failure continue the others get it, the command ends with 1, and the next deploy gets to all', async () => {
    const {code, stdout} = await sandbox.yard(['deploy', ...where, '--on-failure', 'continue', '--json'], {
      cwd: service.root,
    })
    const partial = JSON.parse(stdout) as Deployed

    expect(code).toBe(1)
    expect(partial).toMatchObject({outcome: 'partial', failedHosts: [{host: 'fleet-2'}]})
    const released = everywhere(partial.release)
    expect(await releasesRunning()).toEqual([released[0], everywhere(live)[1], released[2]])
    service.edit('server.js', "'never-ready' : 'good'", "'good' : 'good'")
    service.commit('on every host')
    live = (await deploy('--batch', '50%')).release
    expect(await releasesRunning()).toEqual(everywhere(live))
  }, 240_000)

  test('D7 a canary that fails one request in ten is stopped, with the reason and what it wrote', async () => {
    const running = loadEverywhere()
    service.edit(
      'server.js',
      "response.setHeader('Content-Type'",
      "if (Math.random() < 0.1) {\n    response.statusCode = 500\n    console.log('no luck')\n    return response.end()\n  }\n  response.setHeader('Content-Type'",
    )
    service.commit('fails one in ten')

    const error = await failure('--strategy', 'canary', '--weight', '20', '--bake', '60s')

    expect(error).toMatchObject({details: {step: 'bake', live}})
    expect(error.why).toMatch(/requests to the new release failed/)
    expect(error.details.lastLines.join('\n')).toContain('no luck')
    expect(await releasesRunning()).toEqual(everywhere(live))
    for (const load of running) await load.stop()
    service.edit('server.js', 'Math.random() < 0.1', 'Math.random() < 0')
  }, 240_000)

  test('D13 an error that only the new release logs is listed with instance and count, and all goes back', async () => {
    const running = loadEverywhere()
    const header = "response.setHeader('Content-Type'"
    service.edit('server.js', header, `console.log('ERROR: no column 7')\n  ${header}`)
    service.commit('logs an error')

    const error = await failure('--batch', '100%', '--bake', '30s')

    expect(error).toMatchObject({details: {step: 'bake', live}})
    expect(error.details.lastLines).toEqual([
      expect.stringMatching(/^sturdy-r\d+@fleet-\d \(\d+ times\): ERROR: no column 7$/),
    ])
    expect(await releasesRunning()).toEqual(everywhere(live))
    const counts = await Promise.all(running.map((load) => load.stop()))
    expect(counts.map(({failed}) => failed)).toEqual([0, 0, 0])
    service.edit('server.js', 'ERROR: no column 7', 'fine')
  }, 240_000)

  test('D7 a release that crashes after two seconds is stopped before it has traffic', async () => {
    service.configure({mode: 'dies-later', stable: '4s'})
    service.edit(
      'server.js',
      'process.env.HOST',
      "process.env.MODE === 'dies-later' ? 'dies-later' : process.env.HOST",
    )
    service.commit('dies later')

    const error = await failure()

    expect(error).toMatchObject({details: {step: 'health', host: 'fleet-1', live}})
    expect(error.why).toMatch(/ended by itself with exit 9/)
    expect(await releasesRunning()).toEqual(everywhere(live))
    service.configure({})
    service.commit('good again')
  }, 240_000)

  test('D8 a release process that is killed, or gets no memory, is a failure that names its step', async () => {
    for (const [line, why] of [
      ['kill -KILL $$', 'was ended by SIGKILL'],
      [`ulimit -v 60000; exec perl -e '$all = "a" x 300000000'`, 'ended with exit 1'],
    ] as const) {
      service.write('Procfile', `web: node server.js\nrelease: ${line}\n`)
      service.commit('needs too much')

      expect(await failure()).toMatchObject({
        details: {step: 'prepare', live},
        why: expect.stringContaining(why),
      })
      expect(await releasesRunning()).toEqual(everywhere(live))
    }
    service.write('Procfile', 'web: node server.js\n')
    service.commit('needs less')
  }, 240_000)

  test('a host that is off is named before anything is changed; without it the others are deployed to', async () => {
    const [first, second, third] = fleet().hosts
    await second!.powerOff()

    expect(await failure()).toMatchObject({
      details: {step: 'check', live},
      why: expect.stringContaining('fleet-2'),
    })
    const {release} = await deploy('--hosts', `${first!.name},${third!.name}`)
    await second!.powerOn()
    live = (await deploy()).release

    expect(live).toBeGreaterThan(release)
    expect(await releasesRunning()).toEqual(everywhere(live))
  }, 300_000)

  test('D1 SIGTERM in the middle brings all back, and leaves no lock', async () => {
    service.commit('interrupted')
    const {code} = await sandbox.yard(['deploy', ...where, '--batch', '1'], {
      cwd: service.root,
      whileRunning: (child, written) => {
        const timer = setInterval(() => {
          if (!written().includes('batch 2 of 3')) return
          clearInterval(timer)
          child.kill('SIGTERM')
        }, 20)
      },
    })

    expect(code).toBe(130)
    expect(await releasesRunning()).toEqual(everywhere(live))
    live = (await deploy()).release
    const {processes} = await sandbox.json<Processes>(['ps', 'sturdy', ...where])
    expect(processes.map(({instance}) => instance).sort()).toEqual(
      fleet().hosts.map(({name}) => `sturdy-r${live}@${name}`),
    )
  }, 240_000)
})
