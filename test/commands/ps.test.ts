import {expect, test} from '@jest/globals'

import Ps from '../../src/commands/ps.js'
import {keys} from '../../src/catalog/keys.js'
import {RepositoryHere} from '../fakes/repository-here.js'
import {aStatus} from '../fakes/records.js'
import {plantRecords, runCommand} from '../fakes/run-command.js'

const here = new RepositoryHere()

test('shows what runs on this machine', async () => {
  await here.plantHistory()
  await plantRecords(here.state, {
    [keys.status('local', 'hello-r2@localhost')]: aStatus({id: 'hello-r2@localhost', pid: 4_711}),
  })

  const {error, stdout} = await runCommand(Ps, [], here.state)

  expect(error).toBeUndefined()
  expect(stdout).toMatch(/hello-r2@localhost\s+localhost\s+21001\s+running\s+yes\s+.*4711/)
  const json = await runCommand(Ps, ['hello', '--json'], here.state)
  expect(JSON.parse(json.stdout)).toMatchObject({
    environment: 'local',
    processes: [{instance: 'hello-r2@localhost', state: 'running', hasTraffic: true}],
    unasked: [],
  })
})

test.each([
  [['../x'], 'E_NAME_INVALID'],
  [['helo'], 'E_SERVICE_UNKNOWN'],
  [['--env', 'stagin'], 'E_ENVIRONMENT_UNKNOWN'],
])('refuses %j', async (words, code) => {
  await here.plantHistory()

  expect((await runCommand(Ps, words, here.state)).error).toMatchObject({code, exitCode: 2})
})
