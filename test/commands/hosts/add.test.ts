import {expect, test} from '@jest/globals'

import EnvironmentsAdd from '../../../src/commands/environments/add.js'
import HostsAdd from '../../../src/commands/hosts/add.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()
const given = ['web-1', '--env', 'staging', '--address', '10.0.0.11', '--zone', 'a']

test('adds, then says unchanged, then shows what changed', async () => {
  await runCommand(EnvironmentsAdd, ['staging'], here.state)

  const added = await runCommand(HostsAdd, given, here.state)
  expect([added.error, added.stdout]).toEqual([
    undefined,
    '✓ web-1 in staging is added\n  + address: 10.0.0.11\n  + zone: a\n',
  ])
  expect((await runCommand(HostsAdd, given, here.state)).stdout).toContain('unchanged')
  const changed = await runCommand(HostsAdd, [...given, '--description', 'old \u001b[2Jone'], here.state)
  expect(changed.stdout).not.toContain('\u001b')
  const json = await runCommand(
    HostsAdd,
    [...given.slice(0, 4), '10.0.0.12', '--dry-run', '--json'],
    here.state,
  )
  expect(JSON.parse(json.stdout)).toMatchObject({
    outcome: 'changed',
    dryRun: true,
    host: {zone: 'a'},
    changes: [{field: 'address', before: '10.0.0.11', after: '10.0.0.12'}],
  })
})

test('an unknown environment and an address that is none are refused', async () => {
  const unknown = await runCommand(HostsAdd, given, here.state)
  expect(unknown.error).toMatchObject({
    code: 'E_ENVIRONMENT_UNKNOWN',
    next: ['yard environments add staging', expect.anything()],
  })
  const bad = await runCommand(HostsAdd, ['web-1', '--env', 'staging', '--address', '010.0.0.1'], here.state)
  expect(bad.error).toMatchObject({code: 'E_USAGE', exitCode: 2})
})
