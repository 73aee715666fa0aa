import {writeFileSync} from 'node:fs'

import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import MaintenanceOn from '../../../src/commands/maintenance/on.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {anEnvironment, aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()
const line = ['hello', '--message', 'back at nine', '--env', 'staging']

test('closes a service and says how to open it; without a message its callers still read one', async () => {
  await plantRecords(here.state, {
    [keys.environment('staging')]: anEnvironment(),
    [keys.service('hello')]: aService(),
  })

  const {error, stdout} = await runCommand(MaintenanceOn, line, here.state)

  expect(error).toBeUndefined()
  expect(stdout).toContain('hello in staging is closed')
  expect(stdout).toContain('yard maintenance off hello --env staging')
  const plain = await runCommand(MaintenanceOn, ['hello', '--env', 'staging', '--json'], here.state)
  expect(JSON.parse(plain.stdout)).toMatchObject({
    outcome: 'changed',
    maintenance: {message: 'closed for maintenance'},
  })
  const evil = await runCommand(MaintenanceOn, ['hello', '--message', '<script>'], here.state)
  expect(evil.error).toMatchObject({code: 'E_USAGE', exitCode: 2})
})

test('closes the service whose directory this is', async () => {
  writeFileSync('service.yaml', 'name: hello\nowner: ada\ndescription: Says hello.\n')
  writeFileSync('Procfile', 'web: node server.js\n')
  await plantRecords(here.state, {
    [keys.environment('staging')]: anEnvironment(),
    [keys.service('hello')]: aService(),
  })

  const {error, stdout} = await runCommand(MaintenanceOn, line.slice(1), here.state)

  expect(error).toBeUndefined()
  expect(stdout).toContain('hello in staging is closed')
})

test('in a protected environment needs --yes where nobody can be asked', async () => {
  await plantRecords(here.state, {
    [keys.environment('staging')]: anEnvironment({protected: true}),
    [keys.service('hello')]: aService(),
  })

  expect((await runCommand(MaintenanceOn, line, here.state)).error).toMatchObject({code: 'E_NOT_CONFIRMED'})
  expect((await runCommand(MaintenanceOn, [...line, '--dry-run'], here.state)).stdout).toContain(
    'Would close',
  )
  expect((await runCommand(MaintenanceOn, [...line, '--yes'], here.state)).error).toBeUndefined()
})
