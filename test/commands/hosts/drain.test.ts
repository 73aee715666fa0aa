import {expect, test} from '@jest/globals'

import EnvironmentsAdd from '../../../src/commands/environments/add.js'
import HostsAdd from '../../../src/commands/hosts/add.js'
import HostsDrain from '../../../src/commands/hosts/drain.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()
const web1 = ['web-1', '--env', 'staging']

async function prepare(...flags: string[]): Promise<void> {
  await runCommand(EnvironmentsAdd, ['staging', ...flags], here.state)
  await runCommand(HostsAdd, [...web1, '--address', '10.0.0.11', '--yes'], here.state)
}

test('takes it out of the traffic, once, and says how to undo that', async () => {
  await prepare()

  const {error, stdout} = await runCommand(HostsDrain, web1, here.state)

  expect(error).toBeUndefined()
  expect(stdout).toContain('web-1 in staging gets no new requests')
  expect(stdout).toContain('yard hosts enable web-1 --env staging')
  const again = await runCommand(HostsDrain, [...web1, '--json'], here.state)
  expect(JSON.parse(again.stdout)).toMatchObject({outcome: 'unchanged', instances: [], unserved: []})
})

test('in a protected environment needs --yes where nobody can be asked; a dry run does not', async () => {
  await prepare('--protected')

  expect((await runCommand(HostsDrain, web1, here.state)).error).toMatchObject({code: 'E_NOT_CONFIRMED'})
  const dry = await runCommand(HostsDrain, [...web1, '--dry-run'], here.state)
  expect([dry.error, dry.stdout]).toEqual([undefined, expect.stringContaining('Would drain web-1')])
  expect((await runCommand(HostsDrain, [...web1, '--yes'], here.state)).error).toBeUndefined()
})
