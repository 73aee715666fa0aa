import {expect, test} from '@jest/globals'

import Register from '../../src/commands/register.js'
import Rollback from '../../src/commands/rollback.js'
import {RepositoryHere} from '../fakes/repository-here.js'
import {runCommand} from '../fakes/run-command.js'

const here = new RepositoryHere()

test('plans the way back, for the service of this directory', async () => {
  await runCommand(Register, ['--init'], here.state)
  await here.plantHistory()

  const {stdout, error} = await runCommand(Rollback, ['--dry-run'], here.state)

  expect(error).toBeUndefined()
  expect(stdout).toContain('Would roll back to hello-r1 in local (hello-r2 is live there now)')
})

test.each(['../x', 'A', '-rf', ''])('refuses the service %j', async (name) => {
  expect((await runCommand(Rollback, ['--', name], here.state)).error).toMatchObject({exitCode: 2})
})
