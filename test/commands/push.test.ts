import {mkdirSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterEach, expect, test} from '@jest/globals'

import {freePorts} from '../support/free-port.js'
import EnvironmentsAdd from '../../src/commands/environments/add.js'
import HostsAdd from '../../src/commands/hosts/add.js'
import Push from '../../src/commands/push.js'
import {DirectoryHere} from '../fakes/directory-here.js'
import {runCommand} from '../fakes/run-command.js'

const here = new DirectoryHere()

afterEach(() => {
  process.exitCode = 0
})

async function prepare(...flags: string[]): Promise<void> {
  const [port = 0] = await freePorts(1)
  const platform = path.join(here.state, 'yard.yaml')
  mkdirSync(here.state, {recursive: true})
  writeFileSync(platform, `ssh:\n  port: ${port}\n  user: deploy\n`)
  await runCommand(EnvironmentsAdd, ['staging', ...flags], here.state)
  for (const [name, address] of [
    ['web-1', '127.0.0.1'],
    ['web-2', '127.0.0.2'],
  ]) {
    await runCommand(HostsAdd, [name!, '--env', 'staging', '--address', address!, '--yes'], here.state)
  }
}

const toStaging = () => ['--env', 'staging', '--platform', path.join(here.state, 'yard.yaml')]

test('hosts that cannot be reached end it with 1, and the table and the data still come', async () => {
  await prepare()

  const {error, stdout} = await runCommand(Push, toStaging(), here.state)

  expect([error, process.exitCode]).toEqual([undefined, 1])
  expect(stdout).toContain('web-1  127.0.0.1  -       -    failed: nothing listens there')
  expect(stdout).toContain('✗ 0 of 2 hosts of staging')
  const json = await runCommand(Push, [...toStaging(), '--json', '--hosts', 'web-2'], here.state)
  expect(JSON.parse(json.stdout)).toMatchObject({
    code: 'E_PUSH_FAILED',
    hosts: [{host: 'web-2', outcome: 'failed', problem: {code: 'E_HOST_UNREACHABLE'}}],
  })
})

test('an environment without hosts, local and unknown hosts are refused with what to do', async () => {
  await prepare()

  expect((await runCommand(Push, [], here.state)).error).toMatchObject({code: 'E_USAGE'})
  expect((await runCommand(Push, ['--env', 'stagin'], here.state)).error).toMatchObject({
    code: 'E_ENVIRONMENT_UNKNOWN',
  })
  expect(
    (await runCommand(Push, [...toStaging(), '--hosts', 'web-1,web-9'], here.state)).error,
  ).toMatchObject({
    code: 'E_HOST_UNKNOWN',
  })
})

test('--login is for a sidecar only', async () => {
  await prepare()

  const {error} = await runCommand(Push, [...toStaging(), '--login', 'ada'], here.state)

  expect(String(error)).toContain('--sidecar')
})

test('in a protected environment needs --yes where nobody can be asked; a plan does not', async () => {
  await prepare('--protected')

  expect((await runCommand(Push, toStaging(), here.state)).error).toMatchObject({code: 'E_NOT_CONFIRMED'})
  const plan = await runCommand(Push, [...toStaging(), '--plan'], here.state)
  expect([plan.error, plan.stdout]).toEqual([undefined, expect.stringContaining('Nothing was changed.')])
  const confirmed = await runCommand(Push, [...toStaging(), '--yes'], here.state)
  expect([confirmed.error, process.exitCode]).toEqual([undefined, 1])
})
