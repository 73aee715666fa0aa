import {expect, test} from '@jest/globals'

import EnvironmentsAdd from '../../../src/commands/environments/add.js'
import {hostileNames} from '../../fakes/hostile-names.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()

test('adds, then says unchanged, then shows what changed', async () => {
  const added = await runCommand(EnvironmentsAdd, ['staging', '--order', '1'], here.state)
  expect([added.error, added.stdout]).toEqual([undefined, expect.stringContaining('staging is added')])

  const again = await runCommand(EnvironmentsAdd, ['staging'], here.state)
  expect(again.stdout).toBe('staging is as given already: unchanged\n')

  const changed = await runCommand(EnvironmentsAdd, ['staging', '--port', '80', '--json'], here.state)
  expect(JSON.parse(changed.stdout)).toMatchObject({
    outcome: 'changed',
    changes: [{field: 'routing.port', before: '7070', after: '80'}],
  })
})

test('a protected one is changed only with --yes where nobody can be asked', async () => {
  await runCommand(EnvironmentsAdd, ['prod', '--protected'], here.state)

  const {error} = await runCommand(EnvironmentsAdd, ['prod', '--no-protected'], here.state)
  expect(error).toMatchObject({code: 'E_NOT_CONFIRMED', exitCode: 3})
  const {stdout} = await runCommand(EnvironmentsAdd, ['prod', '--no-protected', '--yes'], here.state)
  expect(stdout).toContain('prod is updated')
})

test.each(hostileNames.filter((name) => !name.startsWith('-')))('refuses the name %j', async (name) => {
  const {error} = await runCommand(EnvironmentsAdd, [name], here.state)

  expect(error).toMatchObject({code: 'E_NAME_INVALID', exitCode: 2})
})
