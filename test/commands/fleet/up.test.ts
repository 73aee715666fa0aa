import {expect, test} from '@jest/globals'

import EnvironmentsAdd from '../../../src/commands/environments/add.js'
import FleetUp from '../../../src/commands/fleet/up.js'
import HostsAdd from '../../../src/commands/hosts/add.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()

test('a dry run tells which hosts would be started, whoever asks', async () => {
  const {error, stdout} = await runCommand(FleetUp, ['--hosts', '2', '--dry-run'], here.state)
  expect([error, stdout]).toEqual([
    undefined,
    'Would start fleet-1, fleet-2 as the environment practice\n\nNothing was changed.\n',
  ])
  const json = await runCommand(FleetUp, ['--dry-run', '--env', 'trial', '--json'], here.state)
  expect(JSON.parse(json.stdout)).toEqual({
    environment: 'trial',
    dryRun: true,
    started: ['fleet-1', 'fleet-2', 'fleet-3'],
    hosts: [],
  })
})

test('a number that is none, and an environment of other machines, are refused', async () => {
  expect((await runCommand(FleetUp, ['--hosts', '0'], here.state)).error).toMatchObject({code: 'E_USAGE'})
  expect((await runCommand(FleetUp, ['--env', 'local'], here.state)).error).toMatchObject({code: 'E_USAGE'})
  await runCommand(EnvironmentsAdd, ['staging'], here.state)
  await runCommand(HostsAdd, ['web-1', '--env', 'staging', '--address', '10.0.0.1'], here.state)
  const taken = await runCommand(FleetUp, ['--env', 'staging'], here.state)
  expect(taken.error).toMatchObject({code: 'E_USAGE', why: 'it has hosts of its own: web-1'})
})
