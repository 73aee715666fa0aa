import {afterAll, beforeAll, expect, test} from '@jest/globals'

import {keys} from '../../src/catalog/keys.js'
import {type Environment} from '../../src/domain/environment.js'
import {plantRecords} from '../fakes/run-command.js'
import {describeOnPracticeFleet} from '../support/practice-fleet/index.js'
import {PlainService} from './support/plain-service.js'
import {Sandbox} from './support/sandbox.js'

interface Processes {
  processes: {instance: string; host: string; state: string; hasTraffic: boolean}[]
}

const where = ['--env', 'practice']

describeOnPracticeFleet('what operators do on a fleet', {hosts: 2}, (fleet) => {
  const sandbox = new Sandbox()
  let service: PlainService

  beforeAll(async () => {
    const records = fleet().records()
    const environment = records[keys.environment('practice')] as Environment
    // So that requests can come from this machine.
    environment.router.address = '0.0.0.0'
    fleet().lendTo(sandbox.state)
    await plantRecords(sandbox.state, records)
    await Promise.all(fleet().hosts.map(({name}) => sandbox.mustRun(['host', 'setup', name, ...where])))
    service = new PlainService(sandbox, 'handy')
    await sandbox.mustRun(['register'], {cwd: service.root})
    await sandbox.mustRun(['deploy', ...where], {cwd: service.root})
  })
  afterAll(() => sandbox.dispose())

  const running = async () => {
    const {processes} = await sandbox.json<Processes>(['ps', 'handy', ...where])
    expect(processes.filter(({hasTraffic, state}) => !hasTraffic || state !== 'running')).toEqual([])
    return processes.map(({instance}) => instance).sort()
  }

  test('scale and restart are what ps then sees on the hosts', async () => {
    const [one = '', two = ''] = fleet().hosts.map(({name}) => name)
    expect(await running()).toEqual([`handy-r1@${one}`, `handy-r1@${two}`])

    await sandbox.mustRun(['scale', 'web=3', ...where], {cwd: service.root})
    expect(await running()).toEqual([`handy-r1.web.2@${one}`, `handy-r1@${one}`, `handy-r1@${two}`])

    await sandbox.mustRun(['scale', 'handy', 'web=2', ...where])
    await sandbox.mustRun(['restart', 'handy', ...where])
    expect(await running()).toEqual([`handy-r1.web.2@${one}`, `handy-r1.web.2@${two}`])
  })

  test('run passes on the output and how it ended', async () => {
    const script = 'console.log(process.env.YARD_RELEASE); process.exit(7)'

    const ended = await sandbox.yard(['run', 'handy', ...where, '--', 'node', '--eval', script])

    expect(ended).toMatchObject({code: 7, stdout: 'handy-r1\n'})
    const killed = await sandbox.yard(['run', 'handy', ...where, '--', 'sh', '-c', 'kill -KILL $$'])
    expect(killed.code).toBe(137)
  })

  test('D2 a deploy that is killed is resumed, and another one aborted', async () => {
    const [one = '', two = ''] = fleet().hosts.map(({name}) => name)
    for (const end of ['resume', 'abort']) {
      service.commit(end)
      const killed = await sandbox.yard(['deploy', ...where], {
        cwd: service.root,
        env: {YARD_FAILPOINT: 'move:after:kill'},
      })
      expect(killed.signal).toBe('SIGKILL')
      const [newest] = await sandbox.json<{number: number; state: string}[]>(['deploy', 'list', ...where])
      expect(newest?.state).toBe('abandoned')

      await sandbox.mustRun(['deploy', end, String(newest?.number), '--service', 'handy', ...where])

      expect(await running()).toEqual([`handy-r2@${one}`, `handy-r2@${two}`])
    }
  })

  test('a host that is removed with --drain has its instances ended there, and nothing starts them again', async () => {
    const [one, two] = fleet().hosts
    if (one === undefined || two === undefined) throw new Error('the fleet has less than two hosts')
    const ours = () => two.sh('ls /etc/systemd/system | grep ^yard-handy || true')
    expect(await ours()).toContain('yard-handy-r2.service')

    const removed = await sandbox.json<{instances: string[]}>([
      'hosts',
      'remove',
      two.name,
      ...where,
      '--drain',
    ])

    expect(removed.instances).toEqual([`handy-r2@${two.name}`])
    expect(await ours()).toBe('')
    expect(await two.sh("pgrep --full '[n]ode server.js' || true")).toBe('')
    expect(await running()).toEqual([`handy-r2@${one.name}`])
  })
})
