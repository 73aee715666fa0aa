import {expect, test} from '@jest/globals'

import EnvironmentsShow from '../../../src/commands/environments/show.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()

test('shows how it is set up', async () => {
  const {error, stdout} = await runCommand(EnvironmentsShow, ['local'], here.state)

  expect(error).toBeUndefined()
  expect(stdout).toContain('routing    Yard-Service on http://127.0.0.1:7070')
})

test('one that is unknown comes with the way to make it', async () => {
  const {error} = await runCommand(EnvironmentsShow, ['staging', '--json'], here.state)

  expect(error).toMatchObject({
    code: 'E_ENVIRONMENT_UNKNOWN',
    next: ['yard environments add staging', expect.anything()],
  })
})
