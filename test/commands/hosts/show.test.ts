import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import HostsShow from '../../../src/commands/hosts/show.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {aHost, anEnvironment, anInstance} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()

test('shows where it is and what runs there', async () => {
  await runCommand(HostsShow, ['x'], here.state)
  const instance = anInstance({environment: 'staging', host: 'web-1'})
  await plantRecords(here.state, {
    [keys.environment('staging')]: anEnvironment(),
    [keys.host('staging', 'web-1')]: aHost(),
    [keys.instance('staging', 'hello', instance.id)]: instance,
  })

  const {error, stdout} = await runCommand(HostsShow, ['web-1', '--env', 'staging'], here.state)

  expect(error).toBeUndefined()
  expect(stdout).toContain('address     10.0.0.11')
  expect(stdout).toContain('hello-r1@web-1  web      21001  up')
})

test('one that is unknown is told with what to do', async () => {
  const {error} = await runCommand(HostsShow, ['web-1', '--json'], here.state)

  expect(error).toMatchObject({code: 'E_HOST_UNKNOWN', exitCode: 2})
})
