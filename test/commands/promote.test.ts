import {expect, test} from '@jest/globals'

import {keys} from '../../src/catalog/keys.js'
import Promote from '../../src/commands/promote.js'
import {RepositoryHere} from '../fakes/repository-here.js'
import {anEnvironment, aHost} from '../fakes/records.js'
import {plantRecords, runCommand} from '../fakes/run-command.js'

const here = new RepositoryHere()
const line = ['hello', '--from', 'local', '--to', 'staging']

async function plant(): Promise<void> {
  await here.plantHistory()
  await plantRecords(here.state, {
    [keys.environment('staging')]: anEnvironment(),
    [keys.host('staging', 'web-1')]: aHost(),
  })
}

test('says what to do when the build is on another machine', async () => {
  await plant()

  const {error} = await runCommand(Promote, [...line, '--dry-run'], here.state)

  expect(error).toMatchObject({code: 'E_ARTIFACT', next: expect.arrayContaining([expect.any(String)])})
})

test.each([
  [['hello', '--from', 'local', '--to', 'local'], 'E_USAGE'],
  [['hello', '--from', 'staging', '--to', 'local'], 'E_RELEASE_UNKNOWN'],
  [['hello', '--from', 'local', '--to', 'stagin'], 'E_ENVIRONMENT_UNKNOWN'],
  [['helo', '--from', 'local', '--to', 'staging'], 'E_SERVICE_UNKNOWN'],
])('refuses %j', async (words, code) => {
  await plant()

  expect((await runCommand(Promote, words, here.state)).error).toMatchObject({code, exitCode: 2})
})

test('needs to know from where and to where', async () => {
  expect((await runCommand(Promote, ['hello'], here.state)).error).toMatchObject({
    message: expect.stringMatching(/from[\s\S]*to/),
  })
})
