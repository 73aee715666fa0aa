import {expect, test} from '@jest/globals'

import FleetStatus from '../../../src/commands/fleet/status.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()

test('without a fleet it says how to start one', async () => {
  const {error, stdout} = await runCommand(FleetStatus, [], here.state)
  expect([error, stdout]).toEqual([
    undefined,
    'There is no practice fleet on this machine. Start one: yard fleet up --hosts 3\n',
  ])
  const json = await runCommand(FleetStatus, ['--json'], here.state)
  expect(JSON.parse(json.stdout)).toEqual({hosts: []})
})
