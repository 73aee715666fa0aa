import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {get} from './support/http.js'
import {PlainService} from './support/plain-service.js'
import {processesNaming} from './support/processes.js'
import {eventually, Sandbox} from './support/sandbox.js'

interface DeployJson {
  release: number
}

describe('the life of a service', () => {
  const sandbox = new Sandbox()
  let service: PlainService
  let port: number

  beforeAll(async () => {
    service = new PlainService(sandbox, 'hello')
    port = await sandbox.up()
  })
  afterAll(() => sandbox.dispose())

  test('an unregistered service is unknown to callers', async () => {
    const answer = await get(port, {'Yard-Service': 'hello'})
    expect(answer.status).toBe(404)
    expect(JSON.stringify(answer.json())).toContain('yard services list')
  })

  test('it is registered, and has no instance yet', async () => {
    const {stdout} = await sandbox.mustRun(['register'], {cwd: service.root})
    expect(stdout).toContain('hello')
    await eventually('callers learn that it is known and not up', async () =>
      (await get(port, {'Yard-Service': 'hello'})).status === 503 ? true : undefined,
    )
  })

  test('it is deployed, and reached by header and by name', async () => {
    await sandbox.mustRun(['deploy', '--env', 'local'], {cwd: service.root})
    const byHeader = await get(port, {'Yard-Service': 'hello'})
    expect(byHeader.json()).toMatchObject({service: 'hello', release: 'hello-r1'})
    expect((await get(port, {Host: `hello.localhost:${port}`})).json()).toMatchObject({release: 'hello-r1'})
    expect((await get(port, {'Yard-Service': 'hello, hello'})).status).toBe(400)
  })

  test('its smoke tests pass through the router', async () => {
    const {stdout} = await sandbox.mustRun(['smoke', '--env', 'local'], {cwd: service.root})
    expect(stdout).toContain('basic.hurl')
  })

  test('a redeploy and a rollback under load lose no request', async () => {
    const load = sandbox.load(port, 'hello')
    service.edit('server.js', 'const VERSION = 1', 'const VERSION = 2')
    service.commit('second')
    const deployed = await sandbox.json<DeployJson>(['deploy'], {cwd: service.root})
    expect((await get(port, {'Yard-Service': 'hello'})).json()).toMatchObject({
      release: 'hello-r2',
      version: 2,
    })
    await sandbox.mustRun(['rollback'], {cwd: service.root})
    expect((await get(port, {'Yard-Service': 'hello'})).json()).toMatchObject({
      release: 'hello-r1',
      version: 1,
    })
    const counts = await load.stop()
    expect(deployed.release).toBe(2)
    expect({failed: counts.failed, why: counts.firstFailure}).toEqual({failed: 0, why: undefined})
    expect(counts.releases.size).toBe(2)
  })

  test('status, lists and logs tell what happened', async () => {
    const status = await sandbox.mustRun(['status'])
    expect(status.stdout).toContain('hello-r1')
    const releases = await sandbox.mustRun(['releases', 'list', 'hello'])
    expect(releases.stdout).toMatch(/r2/)
    const logs = await sandbox.mustRun(['logs', 'tail', 'hello', '--no-follow', '--lines', '3'])
    expect(logs.stdout.trim().split('\n')).toHaveLength(3)
  })

  test('down ends everything, and up brings it back', async () => {
    await sandbox.mustRun(['down'])
    expect(processesNaming(sandbox.state)).toEqual([])
    await sandbox.mustRun(['up', '--detach'])
    const answer = await get(port, {'Yard-Service': 'hello'})
    expect(answer.json()).toMatchObject({release: 'hello-r1'})
  })
})
