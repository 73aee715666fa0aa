import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import ServicesExport from '../../../src/commands/services/export.js'
import {aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {stateDirectory} from '../../fakes/state-directory.js'

const state = stateDirectory()

test('writes documents of YAML, or an array with --json', async () => {
  await plantRecords(state.path, {[keys.service('hello')]: aService()})

  const {error, stdout} = await runCommand(ServicesExport, ['--format', 'backstage'], state.path)
  const json = await runCommand(ServicesExport, ['--json'], state.path)

  expect(error).toBeUndefined()
  expect(stdout).toMatch(
    /^---\napiVersion: backstage\.io\/v1alpha1\nkind: Component\n[^]*\n {2}owner: ada\n$/,
  )
  expect(JSON.parse(json.stdout)).toMatchObject([{kind: 'Component', metadata: {name: 'hello'}}])
})

test('knows no other format', async () => {
  const {error} = await runCommand(ServicesExport, ['--format', 'xml'], state.path)
  expect(String(error)).toContain('backstage')
})
