import {mkdirSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterEach, expect, test} from '@jest/globals'

import EnvironmentsAdd from '../../../src/commands/environments/add.js'
import HostSetup from '../../../src/commands/host/setup.js'
import HostsAdd from '../../../src/commands/hosts/add.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {runCommand} from '../../fakes/run-command.js'
import {freePorts} from '../../support/free-port.js'

const here = new DirectoryHere()

afterEach(() => {
  process.exitCode = 0
})

async function prepare(...flags: string[]): Promise<void> {
  const [port = 0] = await freePorts(1)
  mkdirSync(here.state, {recursive: true})
  writeFileSync(path.join(here.state, 'yard.yaml'), `ssh:\n  port: ${port}\n`)
  await runCommand(EnvironmentsAdd, ['staging', ...flags], here.state)
  for (const [name, address] of [
    ['web-1', '127.0.0.1'],
    ['web-2', '127.0.0.2'],
  ]) {
    await runCommand(HostsAdd, [name!, '--env', 'staging', '--address', address!, '--yes'], here.state)
  }
}

const run = (...argv: string[]) =>
  runCommand(
    HostSetup,
    [...argv, '--env', 'staging', '--platform', path.join(here.state, 'yard.yaml')],
    here.state,
  )

test('a host that can not be reached is the error of the command; of all hosts it is a row, and 1', async () => {
  await prepare()

  expect((await run('web-1')).error).toMatchObject({code: 'E_HOST_UNREACHABLE', exitCode: 4})
  const all = await run('--all', '--json')
  expect([all.error, process.exitCode]).toEqual([undefined, 1])
  expect(JSON.parse(all.stdout)).toMatchObject({
    code: 'E_HOST_SETUP',
    hosts: [
      {host: 'web-1', login: 'root', outcome: 'failed', problem: {code: 'E_HOST_UNREACHABLE'}},
      {host: 'web-2', outcome: 'failed'},
    ],
  })
  expect((await run('--all')).stdout).toContain('✗ 0 of 2 hosts of staging are ready for releases')
})

test('which host, and with which key, has to be said in a way that can be followed', async () => {
  await prepare()

  expect((await run()).error).toMatchObject({code: 'E_USAGE', exitCode: 2})
  expect((await run('web-1', '--all')).error).toMatchObject({code: 'E_USAGE'})
  expect((await run('web-9')).error).toMatchObject({code: 'E_HOST_UNKNOWN'})
  expect((await run('web-1', '--authorized-key', 'no-such-file')).error).toMatchObject({code: 'E_USAGE'})
  expect((await run('web-1', '--check', '--dry-run')).error).toBeDefined()
  expect((await runCommand(HostSetup, ['web-1'], here.state)).error).toMatchObject({
    code: 'E_USAGE',
    next: expect.arrayContaining(['yard up --detach']) as unknown,
  })
})

test('in a protected environment needs --yes where nobody can be asked; a check does not', async () => {
  await prepare('--protected')

  expect((await run('web-1')).error).toMatchObject({code: 'E_NOT_CONFIRMED'})
  for (const flag of ['--yes', '--check', '--dry-run'])
    expect((await run('web-1', flag)).error).toMatchObject({code: 'E_HOST_UNREACHABLE'})
})
