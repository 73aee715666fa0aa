import {expect, test} from '@jest/globals'

import FleetDown from '../../../src/commands/fleet/down.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {runCommand} from '../../fakes/run-command.js'
import {fleetMissing} from '../../support/practice-fleet/missing.js'

const here = new DirectoryHere()
const missing = fleetMissing()
const withFleet = missing === undefined ? test : test.skip

test('a dry run without a fleet has nothing to end', async () => {
  const {error, stdout} = await runCommand(FleetDown, ['--dry-run'], here.state)
  expect([error, stdout]).toEqual([
    undefined,
    'Nothing of a practice fleet runs on this machine.\n\nNothing was changed.\n',
  ])
})

withFleet(
  `without a fleet nothing is ended, and that is no failure${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  async () => {
    const json = await runCommand(FleetDown, ['--json'], here.state)
    expect([json.error, JSON.parse(json.stdout)]).toEqual([undefined, {dryRun: false, ended: []}])
  },
)
