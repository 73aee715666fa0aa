import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import MaintenanceOff from '../../../src/commands/maintenance/off.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {aMaintenance, anEnvironment, aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()

test('opens a service once', async () => {
  await plantRecords(here.state, {
    [keys.environment('staging')]: anEnvironment(),
    [keys.service('hello')]: aService(),
    [keys.maintenance('staging', 'hello')]: aMaintenance(),
  })
  const line = ['hello', '--env', 'staging']

  expect((await runCommand(MaintenanceOff, [...line, '--dry-run'], here.state)).stdout).toContain(
    'Would open',
  )
  expect((await runCommand(MaintenanceOff, line, here.state)).stdout).toContain('gets requests again')
  expect((await runCommand(MaintenanceOff, line, here.state)).stdout).toContain("isn't closed: unchanged")
})
