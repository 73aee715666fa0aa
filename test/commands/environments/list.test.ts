import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import EnvironmentsList from '../../../src/commands/environments/list.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {anEnvironment} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()

test('shows a table to people', async () => {
  await runCommand(EnvironmentsList, [], here.state)
  await plantRecords(here.state, {
    [keys.environment('staging')]: anEnvironment({order: 1, protected: true}),
    [keys.environment('evil')]: anEnvironment(),
  })

  const {error, stderr, stdout} = await runCommand(EnvironmentsList, [], here.state)

  expect(error).toBeUndefined()
  expect(stdout).toBe(
    [
      'ENVIRONMENT  ORDER  HOSTS  KIND          ROUTING                    FROM',
      'local        -      0      this machine  Yard-Service on port 7070  yard itself',
      'staging      1      0      protected     Yard-Service on port 7070  by hand',
      '',
    ].join('\n'),
  )
  expect(stderr).toContain('environments/evil')
})

test('prints an array with --json', async () => {
  const {stdout} = await runCommand(EnvironmentsList, ['--json'], here.state)

  expect(JSON.parse(stdout)).toMatchObject([{name: 'local', kind: 'local', hosts: 0}])
})
