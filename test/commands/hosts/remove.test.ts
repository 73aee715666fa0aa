import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import EnvironmentsAdd from '../../../src/commands/environments/add.js'
import HostsAdd from '../../../src/commands/hosts/add.js'
import HostsRemove from '../../../src/commands/hosts/remove.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {anInstance} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()
const web1 = ['web-1', '--env', 'staging']

async function prepare(): Promise<void> {
  await runCommand(EnvironmentsAdd, ['staging'], here.state)
  await runCommand(HostsAdd, [...web1, '--address', '10.0.0.11'], here.state)
}

test('removes a host on which nothing runs', async () => {
  await prepare()

  const dry = await runCommand(HostsRemove, [...web1, '--dry-run', '--json'], here.state)
  expect(JSON.parse(dry.stdout)).toEqual({host: 'web-1', environment: 'staging', dryRun: true, instances: []})
  const {error, stdout} = await runCommand(HostsRemove, web1, here.state)
  expect([error, stdout]).toEqual([undefined, '✓ Removed web-1 from staging\n'])
})

test('refuses one with instances, and forgets them with --drain where nobody looks after it', async () => {
  await prepare()
  const instance = anInstance({environment: 'staging', host: 'web-1'})
  await plantRecords(here.state, {[keys.instance('staging', 'hello', instance.id)]: instance})

  expect((await runCommand(HostsRemove, web1, here.state)).error).toMatchObject({code: 'E_HOST_IN_USE'})
  const {error, stderr, stdout} = await runCommand(HostsRemove, [...web1, '--drain'], here.state)
  expect(error).toBeUndefined()
  expect(stdout).toContain('ended hello-r1@web-1')
  expect(stderr).toContain('nobody looks after web-1')
})

test('refuses one that the platform file declares', async () => {
  await prepare()
  here.declare('environments: {staging: {hosts: {web-1: {address: 10.0.0.11}}}}')

  const {error} = await runCommand(HostsRemove, web1, here.state)
  expect(error).toMatchObject({code: 'E_USAGE', why: expect.stringContaining('declares it')})
})
