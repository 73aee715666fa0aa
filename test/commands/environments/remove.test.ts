import {expect, test} from '@jest/globals'

import EnvironmentsAdd from '../../../src/commands/environments/add.js'
import EnvironmentsRemove from '../../../src/commands/environments/remove.js'
import HostsAdd from '../../../src/commands/hosts/add.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()

test('removes what is empty, and refuses what is not', async () => {
  await runCommand(EnvironmentsAdd, ['review'], here.state)
  const dry = await runCommand(EnvironmentsRemove, ['review', '--dry-run', '--json'], here.state)
  expect(JSON.parse(dry.stdout)).toEqual({environment: 'review', dryRun: true})
  await runCommand(HostsAdd, ['web-1', '--env', 'review', '--address', '10.0.0.1'], here.state)

  const refused = await runCommand(EnvironmentsRemove, ['review'], here.state)
  expect(refused.error).toMatchObject({code: 'E_ENVIRONMENT_IN_USE', exitCode: 3})

  await runCommand(EnvironmentsAdd, ['other'], here.state)
  const removed = await runCommand(EnvironmentsRemove, ['other'], here.state)
  expect([removed.error, removed.stdout]).toEqual([undefined, '✓ Removed other\n'])
})

test('a protected one only with --yes where nobody can be asked', async () => {
  await runCommand(EnvironmentsAdd, ['prod', '--protected'], here.state)

  expect((await runCommand(EnvironmentsRemove, ['prod'], here.state)).error).toMatchObject({
    code: 'E_NOT_CONFIRMED',
  })
  expect((await runCommand(EnvironmentsRemove, ['prod', '--yes'], here.state)).error).toBeUndefined()
})
