import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import HostsList from '../../../src/commands/hosts/list.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {aHost, anEnvironment} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()

test('shows a table to people, and names what can not be trusted', async () => {
  await runCommand(HostsList, [], here.state)
  await plantRecords(here.state, {
    [keys.environment('staging')]: anEnvironment(),
    [keys.host('staging', 'web-1')]: aHost({zone: 'a', description: 'first \u001b[2J'}),
    [keys.host('staging', 'evil')]: aHost({name: 'evil', address: '10.0.0.1\n server x'}),
  })

  const {error, stderr, stdout} = await runCommand(HostsList, ['--env', 'staging'], here.state)

  expect(error).toBeUndefined()
  expect(stdout.split('\n')[0]).toBe('HOST   ADDRESS    ZONE  STATE   INSTANCES  FROM     DESCRIPTION')
  expect(stdout.split('\n')[1]).toMatch(/^web-1 {2}10\.0\.0\.11 {2}a {5}unseen {2}0 {10}by hand {2}first /)
  expect(stdout).not.toContain('\u001b')
  expect(stderr).toContain('hosts/evil')
})

test('says what to do when there is none', async () => {
  expect((await runCommand(HostsList, [], here.state)).stdout).toContain('yard up --detach')
})
