import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import MaintenanceList from '../../../src/commands/maintenance/list.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {aMaintenance, anEnvironment} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()

test('shows what is closed, and names a record that can not be trusted', async () => {
  await plantRecords(here.state, {
    [keys.environment('staging')]: anEnvironment(),
    [keys.maintenance('staging', 'hello')]: aMaintenance(),
    [keys.maintenance('staging', 'other')]: aMaintenance(),
  })

  const {stderr, stdout} = await runCommand(MaintenanceList, ['--env', 'staging'], here.state)

  expect(stdout).toMatch(/^hello +.*ada@laptop +back at nine$/m)
  expect(stderr).toContain(keys.maintenance('staging', 'other'))
  expect((await runCommand(MaintenanceList, [], here.state)).stdout).toContain(
    'No service is closed in local',
  )
})
