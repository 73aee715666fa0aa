import {expect, test} from '@jest/globals'

import Register from '../../src/commands/register.js'
import Restart from '../../src/commands/restart.js'
import {RepositoryHere} from '../fakes/repository-here.js'
import {runCommand} from '../fakes/run-command.js'

const here = new RepositoryHere()

test('plans a restart of the service in this directory', async () => {
  await runCommand(Register, ['--init'], here.state)
  await here.plantHistory()

  const {error, stdout} = await runCommand(Restart, ['--dry-run'], here.state)

  expect(error).toBeUndefined()
  expect(stdout).toContain('Would restart hello-r2 in local (hello-r2 is live there now)')
})

test.each([
  [['hello', '--batch', '0'], 'E_USAGE'],
  [['hello', '--hosts', 'Web 1'], 'E_USAGE'],
  [['hello', '--hosts', 'web-1'], 'E_HOST_UNKNOWN'],
  [['helo'], 'E_SERVICE_UNKNOWN'],
  [['../x'], 'E_NAME_INVALID'],
])('refuses %j', async (words, code) => {
  await here.plantHistory()

  expect((await runCommand(Restart, [...words, '--dry-run'], here.state)).error).toMatchObject({
    code,
    exitCode: 2,
  })
})
