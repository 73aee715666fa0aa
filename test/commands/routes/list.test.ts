import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import RoutesList from '../../../src/commands/routes/list.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {anEnvironment, aPublicRoute, aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()

test('shows the names by which services are reached, as a table and as data', async () => {
  await plantRecords(here.state, {
    [keys.environment('staging')]: anEnvironment(),
    [keys.service('hello')]: aService(),
    [keys.publicRoute('staging', 'hello.example.org', '/api')]: aPublicRoute({path: '/api'}),
  })

  const {error, stdout} = await runCommand(RoutesList, ['--env', 'staging'], here.state)

  expect(error).toBeUndefined()
  expect(stdout).toMatch(/^NAME +SERVICE +KIND +STATE$/m)
  expect(stdout).toMatch(/^hello\.example\.org\/api +hello +public +no host faces the outside$/m)
  expect(stdout).toMatch(/^Yard-Service: hello +hello +header +no instance gets requests$/m)
  const json = await runCommand(RoutesList, ['--env', 'staging', '--service', 'hello', '--json'], here.state)
  expect(JSON.parse(json.stdout)).toMatchObject({environment: 'staging', routes: {length: 3}})
})

test('of an environment without services says what to do', async () => {
  const {stdout} = await runCommand(RoutesList, [], here.state)
  expect(stdout).toContain('No service is reached in local yet')
})
