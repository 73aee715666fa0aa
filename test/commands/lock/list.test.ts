import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import LockList from '../../../src/commands/lock/list.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {stateDirectory} from '../../fakes/state-directory.js'

const state = stateDirectory()

test('says so when there is none', async () => {
  expect((await runCommand(LockList, [], state.path)).stdout).toBe('Nobody holds a lock.\n')
})

test('lists locks, damaged ones included', async () => {
  await plantRecords(state.path, {[keys.lock('deploy/local/hello')]: {v: 2}})

  const {stdout} = await runCommand(LockList, ['--json'], state.path)

  expect(JSON.parse(stdout)).toEqual([{name: 'deploy/local/hello', bad: expect.any(String)}])
})
