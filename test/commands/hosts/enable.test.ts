import {expect, test} from '@jest/globals'

import EnvironmentsAdd from '../../../src/commands/environments/add.js'
import HostsAdd from '../../../src/commands/hosts/add.js'
import HostsDrain from '../../../src/commands/hosts/drain.js'
import HostsEnable from '../../../src/commands/hosts/enable.js'
import HostsList from '../../../src/commands/hosts/list.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()
const web1 = ['web-1', '--env', 'staging']

async function prepare(): Promise<void> {
  await runCommand(EnvironmentsAdd, ['staging'], here.state)
  await runCommand(HostsAdd, [...web1, '--address', '10.0.0.11'], here.state)
}

const stateOf = async () => {
  const {stdout} = await runCommand(HostsList, ['--env', 'staging', '--json'], here.state)
  return (JSON.parse(stdout) as {state: string}[]).map(({state}) => state)
}

test('gives a drained host its traffic back, once', async () => {
  await prepare()
  await runCommand(HostsDrain, web1, here.state)
  expect(await stateOf()).toEqual(['drained'])

  const dry = await runCommand(HostsEnable, [...web1, '--dry-run'], here.state)
  expect(dry.stdout).toContain('Would enable web-1')
  const {error, stdout} = await runCommand(HostsEnable, web1, here.state)
  expect([error, stdout]).toEqual([undefined, '✓ web-1 in staging gets requests again\n'])
  expect(await stateOf()).toEqual(['unseen'])
  const again = await runCommand(HostsEnable, [...web1, '--json'], here.state)
  expect(JSON.parse(again.stdout)).toMatchObject({outcome: 'unchanged'})
})
