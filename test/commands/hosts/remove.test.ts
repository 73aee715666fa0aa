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

/** Nobody has an SSH key of this machine. */
const address = '127.0.0.9'

async function prepare(): Promise<void> {
  await runCommand(EnvironmentsAdd, ['staging'], here.state)
  await runCommand(HostsAdd, [...web1, '--address', address], here.state)
}

test('removes a host on which nothing runs', async () => {
  await prepare()

  const dry = await runCommand(HostsRemove, [...web1, '--dry-run', '--json'], here.state)
  expect(JSON.parse(dry.stdout)).toEqual({host: 'web-1', environment: 'staging', dryRun: true, instances: []})
  const {error, stdout} = await runCommand(HostsRemove, web1, here.state)
  expect([error, stdout]).toEqual([undefined, '✓ Removed web-1 from staging\n'])
})

test('refuses one with instances, and forgets them with --drain when the machine can not be reached', async () => {
  await prepare()
  const instance = anInstance({environment: 'staging', host: 'web-1', address})
  await plantRecords(here.state, {[keys.instance('staging', 'hello', instance.id)]: instance})

  expect((await runCommand(HostsRemove, web1, here.state)).error).toMatchObject({code: 'E_HOST_IN_USE'})
  const {error, stderr, stdout} = await runCommand(HostsRemove, [...web1, '--drain'], here.state)
  expect(error).toBeUndefined()
  expect(stdout).toContain('forgot hello-r1@web-1')
  expect(stderr).toContain("web-1 can't be asked")
})

test('refuses one that the platform file declares', async () => {
  await prepare()
  here.declare('environments: {staging: {hosts: {web-1: {address: 127.0.0.9}}}}')

  const {error} = await runCommand(HostsRemove, web1, here.state)
  expect(error).toMatchObject({code: 'E_USAGE', why: expect.stringContaining('declares it')})
})
