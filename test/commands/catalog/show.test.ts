import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import CatalogShow from '../../../src/commands/catalog/show.js'
import {aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {stateDirectory} from '../../fakes/state-directory.js'

const state = stateDirectory()

test('shows where the catalog is, what it holds, and what can not be trusted', async () => {
  await plantRecords(state.path, {
    [keys.service('hello')]: aService(),
    [keys.service('evil')]: {v: 9},
    '/yard/v1/odd': {},
  })

  const {error, stdout} = await runCommand(CatalogShow, [], state.path)

  expect(error).toBeUndefined()
  expect(stdout).toContain(`sqlite:${state.path}/catalog.db`)
  expect(stdout).toMatch(/PART +STATE +DETAIL\nfile +well/)
  expect(stdout).toMatch(/RECORDS +COUNT\nservices +1\n/)
  expect(stdout).toContain("2 records can't be trusted, and every command leaves them out:")
  expect(stdout).toMatch(/^ {2}services\/evil: /m)
})

test('prints an object with --json', async () => {
  const {stdout} = await runCommand(CatalogShow, ['--json'], state.path)

  expect(JSON.parse(stdout)).toMatchObject({
    store: 'sqlite',
    revision: expect.any(Number),
    bad: [],
    health: expect.arrayContaining([expect.objectContaining({isHealthy: true})]),
    records: expect.arrayContaining([{kind: 'services', count: 0}]),
  })
})
