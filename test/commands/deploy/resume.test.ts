import {expect, test} from '@jest/globals'

import DeployResume from '../../../src/commands/deploy/resume.js'
import {RepositoryHere} from '../../fakes/repository-here.js'
import {runCommand} from '../../fakes/run-command.js'

const here = new RepositoryHere()

test('one that is over is left alone, and what may be done instead is told', async () => {
  await here.plantHistory()

  const {error} = await runCommand(DeployResume, ['2', '--service', 'hello'], here.state)

  expect(error).toMatchObject({
    code: 'E_DEPLOY_ENDED',
    exitCode: 3,
    what: "Can't resume deploy 2 of hello to local",
    why: 'it went live',
    next: expect.arrayContaining(['yard rollback hello --env local']),
  })
})

test.each([
  [['77', '--service', 'hello'], 'E_DEPLOY_UNKNOWN'],
  [['1', '--service', 'helo'], 'E_SERVICE_UNKNOWN'],
  [['1', '--service', 'hello', '--env', 'stagin'], 'E_ENVIRONMENT_UNKNOWN'],
])('refuses %j', async (words, code) => {
  await here.plantHistory()

  expect((await runCommand(DeployResume, words, here.state)).error).toMatchObject({code, exitCode: 2})
})
