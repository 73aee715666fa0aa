import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import SidecarAcceptLoss from '../../../src/commands/sidecar/accept-loss.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {anAgent, anEnvironment} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {aSidecarStatus} from '../../fakes/sidecar.js'

const here = new DirectoryHere()
const suspects = ['billing: 3 of 5 instances vanished']

test('shows what is held, asks, and lets go of it', async () => {
  await plantRecords(here.state, {
    [keys.environment('staging')]: anEnvironment(),
    [keys.agent('staging', 'web-1')]: anAgent({sidecar: aSidecarStatus({suspects})}),
  })
  const asked = await runCommand(SidecarAcceptLoss, ['--env', 'staging'], here.state)
  expect(asked.error).toMatchObject({code: 'E_NOT_CONFIRMED'})
  expect(asked.stderr).toContain('held back: web-1: billing: 3 of 5 instances vanished')

  const dry = await runCommand(SidecarAcceptLoss, ['--env', 'staging', '--dry-run'], here.state)
  expect([dry.error, dry.stdout]).toEqual([undefined, expect.stringContaining('Would let go of')])

  const done = await runCommand(SidecarAcceptLoss, ['--env', 'staging', '--yes', '--json'], here.state)
  expect(JSON.parse(done.stdout)).toMatchObject({
    outcome: 'accepted',
    held: [{host: 'web-1', losses: suspects}],
  })
})

test('where nothing is held, says so', async () => {
  await plantRecords(here.state, {[keys.environment('staging')]: anEnvironment()})
  const {error, stdout} = await runCommand(SidecarAcceptLoss, ['--env', 'staging', '--yes'], here.state)
  expect([error, stdout]).toEqual([undefined, 'No sidecar of staging holds anything back.\n'])
})
