import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import CatalogExport from '../../../src/commands/catalog/export.js'
import {aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {stateDirectory} from '../../fakes/state-directory.js'

const state = stateDirectory()

test('writes text that ends with one line end, the same with --json, and names what it leaves out', async () => {
  await plantRecords(state.path, {[keys.service('hello')]: aService(), [keys.service('evil')]: {v: 9}})

  const {error, stderr, stdout} = await runCommand(CatalogExport, [], state.path)

  expect(error).toBeUndefined()
  expect(stdout).toMatch(
    /^\{\n {2}"format": "yard-catalog",\n {2}"records": \[\n[^]*\n {2}\],\n {2}"version": 1\n\}\n$/,
  )
  expect(stdout).toContain('"key": "/yard/v1/services/hello"')
  expect(stdout).not.toContain('evil')
  expect(stderr).toContain('services/evil')
  expect((await runCommand(CatalogExport, ['--json'], state.path)).stdout).toBe(stdout)
})
