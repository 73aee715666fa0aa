import path from 'node:path'

import {expect, test} from '@jest/globals'

import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {openSqliteStore} from '../../src/adapters/store-sqlite/index.js'
import Down from '../../src/commands/down.js'
import {runCommand} from '../fakes/run-command.js'
import {stateDirectory} from '../fakes/state-directory.js'

const state = stateDirectory()

test('says so when nothing is running', async () => {
  const {error, stdout} = await runCommand(Down, [], state.path)
  expect(error).toBeUndefined()
  expect(stdout).toBe('Nothing of local is running.\n')
})

test('is a row of the audit, also when it fails', async () => {
  await runCommand(Down, ['--json'], state.path)
  await runCommand(Down, ['--env', 'moon'], state.path)

  const store = await openSqliteStore({file: path.join(state.path, 'catalog.db')})
  const {records} = await new Catalog(store).auditEntries.list(keys.auditEntries)
  await store.close()
  expect(records.map(({record}) => record)).toMatchObject([
    {command: 'down', environment: 'local', outcome: 'done'},
    {command: 'down', environment: 'moon', outcome: 'failed', code: 'E_ENVIRONMENT_UNKNOWN'},
  ])
})
