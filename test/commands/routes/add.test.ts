import {expect, test} from '@jest/globals'

import EnvironmentsAdd from '../../../src/commands/environments/add.js'
import RoutesAdd from '../../../src/commands/routes/add.js'
import {keys} from '../../../src/catalog/keys.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()

async function prepare(...flags: string[]): Promise<void> {
  await runCommand(EnvironmentsAdd, ['staging', ...flags], here.state)
  await plantRecords(here.state, {
    [keys.service('hello')]: aService(),
    [keys.service('billing')]: aService({name: 'billing'}),
  })
}

const line = ['hello', '--public', 'Hello.example.org', '--path', '/api', '--env', 'staging']

test('says where the name leads, and what is missing for it', async () => {
  await prepare()

  const {error, stderr, stdout} = await runCommand(RoutesAdd, line, here.state)

  expect(error).toBeUndefined()
  expect(stdout).toContain('hello.example.org/api leads to hello in staging')
  expect(stderr).toContain('staging has no edge yet')
  const again = await runCommand(RoutesAdd, [...line, '--json'], here.state)
  expect(JSON.parse(again.stdout)).toEqual({
    environment: 'staging',
    dryRun: false,
    name: 'hello.example.org/api',
    service: 'hello',
    outcome: 'unchanged',
  })
})

test('ends with 3 for a name that leads elsewhere, and with 2 for what is none', async () => {
  await prepare()
  await runCommand(RoutesAdd, ['billing', ...line.slice(1)], here.state)

  expect((await runCommand(RoutesAdd, line, here.state)).error).toMatchObject({
    code: 'E_ROUTE_TAKEN',
    exitCode: 3,
  })
  const wild = ['hello', '--public', '*.example.org', '--env', 'staging']
  expect((await runCommand(RoutesAdd, wild, here.state)).error).toMatchObject({exitCode: 2})
  const without = await runCommand(RoutesAdd, ['hello', '--env', 'staging'], here.state)
  expect(without.error).toMatchObject({message: expect.stringContaining('Missing required flag public')})
})

test('in a protected environment needs --yes where nobody can be asked; a dry run does not', async () => {
  await prepare('--protected')

  expect((await runCommand(RoutesAdd, line, here.state)).error).toMatchObject({code: 'E_NOT_CONFIRMED'})
  const dry = await runCommand(RoutesAdd, [...line, '--dry-run'], here.state)
  expect([dry.error, dry.stdout]).toEqual([
    undefined,
    expect.stringContaining('Would have hello.example.org'),
  ])
  expect((await runCommand(RoutesAdd, [...line, '--yes'], here.state)).error).toBeUndefined()
})
