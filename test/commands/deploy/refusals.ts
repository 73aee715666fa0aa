import {expect, test} from '@jest/globals'

import {RepositoryHere} from '../../fakes/repository-here.js'
import {runCommand} from '../../fakes/run-command.js'

/** Tests of a command that goes on with a deploy, or takes it back. Call it where tests are described. */
export function refusesWhatIsOverOrUnknown(command: unknown, verb: string): void {
  const here = new RepositoryHere()

  test('one that is over is left alone, and what may be done instead is told', async () => {
    await here.plantHistory()

    const {error} = await runCommand(command, ['2', '--service', 'hello'], here.state)

    expect(error).toMatchObject({
      code: 'E_DEPLOY_ENDED',
      exitCode: 3,
      what: `Can't ${verb} deploy 2 of hello to local`,
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

    expect((await runCommand(command, words, here.state)).error).toMatchObject({code, exitCode: 2})
  })
}
