import {expect, test} from '@jest/globals'

import DeployList from '../../../src/commands/deploy/list.js'
import {RepositoryHere} from '../../fakes/repository-here.js'
import {runCommand} from '../../fakes/run-command.js'

const here = new RepositoryHere()

test('lists deploys, the newest first', async () => {
  await here.plantHistory()

  const {error, stdout} = await runCommand(DeployList, [], here.state)

  expect(error).toBeUndefined()
  expect(stdout).toMatch(/2\s+hello\s+deploy\s+hello-r2\s+live[\s\S]+1\s+hello\s+deploy\s+hello-r1\s+live/)
  const json = await runCommand(DeployList, ['hello', '--limit', '1', '--json'], here.state)
  expect(JSON.parse(json.stdout)).toMatchObject([{number: 2, service: 'hello', state: 'live'}])
})

test.each([
  ['--', '../x'],
  ['--limit', '0'],
  ['hello', 'again'],
])('refuses %j %j', async (...words) => {
  await here.plantHistory()

  expect((await runCommand(DeployList, words, here.state)).error).toBeDefined()
})
