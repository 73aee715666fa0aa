import {expect, test} from '@jest/globals'

import Status from '../../src/commands/status.js'
import {RepositoryHere} from '../fakes/repository-here.js'
import {runCommand} from '../fakes/run-command.js'

const here = new RepositoryHere()

test('shows what runs, in words and as one document', async () => {
  await here.plantHistory()

  const people = await runCommand(Status, [], here.state)
  const {stdout} = await runCommand(Status, ['hello', '--json'], here.state)

  expect(people.stdout).toMatch(/local is up[^]*hello +r2 +0123456 +hello-r2@localhost +21001/)
  expect(JSON.parse(stdout)).toMatchObject({isUp: true, services: [{service: 'hello', release: 2}]})
})
