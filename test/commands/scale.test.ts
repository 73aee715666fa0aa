import {expect, test} from '@jest/globals'

import {keys} from '../../src/catalog/keys.js'
import Register from '../../src/commands/register.js'
import Scale from '../../src/commands/scale.js'
import {localEnvironment} from '../../src/domain/environment.js'
import {RepositoryHere} from '../fakes/repository-here.js'
import {plantRecords, runCommand} from '../fakes/run-command.js'

const here = new RepositoryHere()

test('shows how many there are, of the service in this directory or of the one that is named', async () => {
  await runCommand(Register, ['--init'], here.state)
  await here.plantHistory()

  const {error, stdout} = await runCommand(Scale, [], here.state)

  expect(error).toBeUndefined()
  expect(stdout).toMatch(/hello-r2 in local[\s\S]+web\s+1\s+1\s+one on every host/)
  const json = await runCommand(Scale, ['hello', '--json'], here.state)
  expect(JSON.parse(json.stdout)).toMatchObject({
    service: 'hello',
    processes: [{process: 'web', wanted: 1, before: 1, isSet: false}],
  })
})

test('plans a change', async () => {
  await here.plantHistory()

  const {stdout} = await runCommand(Scale, ['web=3', 'hello', '--dry-run'], here.state)

  expect(stdout).toMatch(/Would scale hello-r2 in local[\s\S]+web\s+1\s+3/)
})

test('in a protected environment needs --yes where nobody can be asked', async () => {
  await here.plantHistory()
  await plantRecords(here.state, {[keys.environment('local')]: {...localEnvironment(), protected: true}})

  const {error} = await runCommand(Scale, ['web=3', 'hello'], here.state)

  expect(error).toMatchObject({code: 'E_NOT_CONFIRMED', exitCode: 3})
})

test.each([
  [['hello', 'web=-1'], 'E_USAGE'],
  [['hello', 'web=1001'], 'E_USAGE'],
  [['hello', 'wep=2'], 'E_USAGE'],
  [['hello', 'orders', 'web=2'], 'E_USAGE'],
  [['helo', 'web=2'], 'E_SERVICE_UNKNOWN'],
  [['hello', 'web=2', '--env', 'stagin'], 'E_ENVIRONMENT_UNKNOWN'],
])('refuses %j', async (words, code) => {
  await here.plantHistory()

  expect((await runCommand(Scale, words, here.state)).error).toMatchObject({code, exitCode: 2})
})
