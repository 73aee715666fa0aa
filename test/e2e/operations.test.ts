import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {PlainService} from './support/plain-service.js'
import {processesNaming} from './support/processes.js'
import {eventually, Sandbox} from './support/sandbox.js'

interface ProcessJson {
  instance: string
  state: string
  hasTraffic: boolean
  pid: number
}

describe('what operators do with a service that is live', () => {
  const sandbox = new Sandbox()
  let service: PlainService
  let port: number

  beforeAll(async () => {
    service = new PlainService(sandbox, 'steady')
    port = await sandbox.up()
    await sandbox.mustRun(['register'], {cwd: service.root})
    await sandbox.mustRun(['deploy'], {cwd: service.root})
  })
  afterAll(() => sandbox.dispose())

  const processes = async () =>
    (await sandbox.json<{processes: ProcessJson[]}>(['ps', 'steady'])).processes.sort((one, other) =>
      one.instance.localeCompare(other.instance),
    )

  test('scale, restart and scale again lose no request', async () => {
    const load = sandbox.load(port, 'steady')

    await sandbox.mustRun(['scale', 'web=2'], {cwd: service.root})
    const scaled = await processes()
    expect(scaled).toMatchObject([
      {instance: 'steady-r1.web.2@localhost', state: 'running', hasTraffic: true},
      {instance: 'steady-r1@localhost', state: 'running', hasTraffic: true},
    ])
    await sandbox.mustRun(['restart'], {cwd: service.root})
    const restarted = await processes()
    expect(restarted.map(({instance}) => instance)).toEqual([
      'steady-r1.web.3@localhost',
      'steady-r1.web.4@localhost',
    ])
    expect(restarted.map(({pid}) => pid).filter((pid) => scaled.some((one) => one.pid === pid))).toEqual([])
    await sandbox.mustRun(['scale', 'steady', 'web=1'])
    expect(await processes()).toMatchObject([{instance: 'steady-r1.web.3@localhost'}])

    expect(await load.stop()).toMatchObject({failed: 0})
    const kinds = await sandbox.json<{kind: string; state: string}[]>(['deploy', 'list', 'steady'])
    expect(kinds.map(({kind, state}) => `${kind} ${state}`)).toEqual([
      'scale live',
      'restart live',
      'scale live',
      'deploy live',
    ])
  })

  test('run passes on the output and the exit code, and has the environment of the release', async () => {
    const script = 'console.log(process.env.YARD_RELEASE); console.error("no"); process.exit(7)'

    const ended = await sandbox.yard(['run', '--', 'node', '--eval', script], {cwd: service.root})

    expect(ended.code).toBe(7)
    expect(ended.stdout.split('\n').sort()).toEqual(['', 'no', 'steady-r1'])
    const killed = await sandbox.yard(['run', 'steady', '--', 'sh', '-c', 'kill -TERM $$'])
    expect(killed.code).toBe(143)
    const absent = await sandbox.yard(['run', 'steady', '--', 'no-such-program'])
    expect(absent.code).toBe(127)
  })

  test('Ctrl-C ends what is run, and not only yard', async () => {
    const marker = 'setInterval(() => 0, 60000) // steady one-off'
    const ended = await sandbox.yard(
      ['run', 'steady', '--', 'node', '--eval', `console.log("on"); ${marker}`],
      {
        whileRunning: (child, written) => {
          void eventually('it runs', () => (written().includes('on') ? true : undefined)).then(() =>
            child.kill('SIGINT'),
          )
        },
      },
    )

    expect(ended.code).toBe(130)
    await eventually('nothing of it is left', () =>
      processesNaming(marker).every(({command}) => command.includes('run.js')) ? true : undefined,
    )
  })

  test('maintenance closes the service of this directory', async () => {
    await sandbox.mustRun(['maintenance', 'on', '--message', 'back at nine'], {cwd: service.root})
    await sandbox.mustRun(['maintenance', 'off'], {cwd: service.root})
  })
})
