import {expect, test} from '@jest/globals'

import DeployShow from '../../../src/commands/deploy/show.js'
import Register from '../../../src/commands/register.js'
import {RepositoryHere} from '../../fakes/repository-here.js'
import {runCommand} from '../../fakes/run-command.js'

const here = new RepositoryHere()

test('shows a deploy of the service in this directory, or of the one that is named', async () => {
  await runCommand(Register, ['--init'], here.state)
  await here.plantHistory()

  const {error, stdout} = await runCommand(DeployShow, ['1'], here.state)

  expect(error).toBeUndefined()
  expect(stdout).toContain('deploy 1 of hello to local went live: hello-r1 got the traffic')
  const json = await runCommand(DeployShow, ['2', '--service', 'hello', '--json'], here.state)
  expect(JSON.parse(json.stdout)).toMatchObject({
    number: 2,
    state: 'live',
    next: ['yard ps hello --env local'],
  })
})

test('one that never was is unknown', async () => {
  await here.plantHistory()

  const {error} = await runCommand(DeployShow, ['77', '--service', 'hello'], here.state)

  expect(error).toMatchObject({code: 'E_DEPLOY_UNKNOWN', exitCode: 2})
})

test.each([['0'], ['-1'], ['one'], ['1.5'], ['9999999999']])('refuses the number %j', async (number) => {
  await here.plantHistory()

  const {error} = await runCommand(DeployShow, ['--service', 'hello', '--', number], here.state)

  expect(error).toMatchObject({code: 'E_USAGE', exitCode: 2})
})
