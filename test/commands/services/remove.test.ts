import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import ServicesList from '../../../src/commands/services/list.js'
import ServicesRemove from '../../../src/commands/services/remove.js'
import {aBinding, anInstance, aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {stateDirectory} from '../../fakes/state-directory.js'

const state = stateDirectory()

test('shows what would go with it', async () => {
  await plantRecords(state.path, {
    [keys.service('hello')]: aService(),
    [keys.binding('local', 'hello')]: aBinding(),
  })

  const {stdout} = await runCommand(ServicesRemove, ['hello', '--dry-run'], state.path)

  expect(stdout).toBe('Would remove hello\n  - in/local/rt/bind/hello\nNothing was changed.\n')
})

test('asks for the name, which nobody can type here, and removes it with --yes', async () => {
  await plantRecords(state.path, {[keys.service('hello')]: aService()})

  expect((await runCommand(ServicesRemove, ['hello'], state.path)).error).toMatchObject({
    code: 'E_NOT_CONFIRMED',
    what: "Can't remove hello without a confirmation",
  })
  const {stdout} = await runCommand(ServicesRemove, ['hello', '--yes', '--json'], state.path)
  expect(JSON.parse(stdout)).toMatchObject({service: 'hello', removed: []})
  expect(JSON.parse((await runCommand(ServicesList, ['--json'], state.path)).stdout)).toEqual([])
})

test('refuses while it runs', async () => {
  await plantRecords(state.path, {
    [keys.service('hello')]: aService(),
    [keys.instance('local', 'hello', anInstance().id)]: anInstance(),
  })

  expect((await runCommand(ServicesRemove, ['hello', '--yes'], state.path)).error).toMatchObject({
    code: 'E_SERVICE_IN_USE',
  })
})
