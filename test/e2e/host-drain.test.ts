import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {get} from './support/http.js'
import {PlainService} from './support/plain-service.js'
import {eventually, Sandbox} from './support/sandbox.js'

describe('a host that is drained', () => {
  const sandbox = new Sandbox()
  let port: number

  beforeAll(async () => {
    const service = new PlainService(sandbox, 'hello')
    port = await sandbox.up()
    await sandbox.mustRun(['register'], {cwd: service.root})
    await sandbox.mustRun(['deploy'], {cwd: service.root})
  })
  afterAll(() => sandbox.dispose())

  const statusOf = async () => (await get(port, {'Yard-Service': 'hello'})).status
  const answers = (status: number) =>
    eventually(`the router answers ${status}`, async () => ((await statusOf()) === status ? true : undefined))

  test('gets no requests, its instances go on running, and enabling gives the requests back', async () => {
    await answers(200)

    const {stdout} = await sandbox.mustRun(['hosts', 'drain', 'localhost'])
    expect(stdout).toContain('No other host serves hello')
    await answers(503)
    expect(await sandbox.instances()).toMatchObject([
      {id: 'hello-r1@localhost', state: 'up', running: 'running'},
    ])
    expect(await sandbox.json(['hosts', 'list'])).toMatchObject([{name: 'localhost', state: 'drained'}])

    await sandbox.mustRun(['hosts', 'enable', 'localhost'])
    await answers(200)
    expect(await sandbox.json(['hosts', 'list'])).toMatchObject([{name: 'localhost', state: 'up'}])
  })
})
