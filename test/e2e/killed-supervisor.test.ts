import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {freePort} from '../support/free-port.js'
import {get} from './support/http.js'
import {PlainService} from './support/plain-service.js'
import {processesNaming} from './support/processes.js'
import {eventually, Sandbox} from './support/sandbox.js'

describe('yard up killed with SIGKILL', () => {
  const sandbox = new Sandbox()
  let service: PlainService
  let port: number

  const startInForeground = async () => {
    const child = sandbox.start(['up', '--port', String(port)])
    let written = ''
    child.stdout?.on('data', (chunk: Buffer) => (written += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (written += chunk.toString()))
    await eventually('yard up is ready', () => (written.includes('is up') ? true : undefined))
    return child
  }

  beforeAll(async () => {
    service = new PlainService(sandbox, 'steady')
    port = await freePort()
  })
  afterAll(() => sandbox.dispose())

  test('loses no request, and the next one takes over what runs: every instance exactly once', async () => {
    const first = await startInForeground()
    await sandbox.mustRun(['register'], {cwd: service.root})
    await sandbox.mustRun(['deploy'], {cwd: service.root})
    const before = (await get(port, {'Yard-Service': 'steady'})).json()

    const load = sandbox.load(port, 'steady')
    first.kill('SIGKILL')
    await eventually('it is gone', () => (first.signalCode === null ? undefined : true))
    await startInForeground()
    const instances = await eventually('the status is there', async () => {
      const found = await sandbox.instances()
      return found.length > 0 && found.every(({healthy}) => healthy === true) ? found : undefined
    })
    const counts = await load.stop()

    expect({failed: counts.failed, why: counts.firstFailure}).toEqual({failed: 0, why: undefined})
    expect(instances).toHaveLength(1)
    expect(instances[0]).toMatchObject({id: 'steady-r1@localhost', state: 'up', running: 'running'})
    expect((await get(port, {'Yard-Service': 'steady'})).json()['pid']).toBe(before['pid'])
    const servers = processesNaming(sandbox.state).filter(({command}) =>
      /(^|\s)node server\.js$/.test(command),
    )
    expect(servers.filter(({command}) => !command.includes('sh -c'))).toHaveLength(1)
  })

  test('in the background it comes back by itself', async () => {
    await sandbox.mustRun(['down'])
    await sandbox.mustRun(['up', '--detach', '--port', String(port)])
    const {pid} = await sandbox.json<{pid: number}>(['up', '--detach'])
    process.kill(pid, 'SIGKILL')
    const next = await eventually('a new supervisor', async () => {
      const found = await sandbox.yard(['up', '--detach', '--json'])
      const report = found.code === 0 ? (JSON.parse(found.stdout) as {pid: number}) : undefined
      return report !== undefined && report.pid !== pid ? report : undefined
    })
    expect(next.pid).not.toBe(pid)
    expect((await get(port, {'Yard-Service': 'steady'})).status).toBe(200)
  })

  test('a second one is refused, and says who is at work', async () => {
    const second = await sandbox.yard(['up', '--port', String(port)])
    expect(second.code).toBe(3)
    expect(second.stderr).toContain('process')
    expect(second.stderr).not.toMatch(/\n\s+at /)
  })

  test('after down nothing is left, also when the supervisor was killed before', async () => {
    await sandbox.mustRun(['down'])
    expect(processesNaming(sandbox.state)).toEqual([])
  })
})
