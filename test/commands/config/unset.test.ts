import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import ConfigUnset from '../../../src/commands/config/unset.js'
import {aConfigValue} from '../../fakes/config.js'
import {aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {stateDirectory} from '../../fakes/state-directory.js'

const state = stateDirectory()
const run = (...words: string[]) => runCommand(ConfigUnset, words, state.path)

test('removes a variable and says when that takes effect', async () => {
  await plantRecords(state.path, {
    [keys.service('hello')]: aService(),
    [keys.configValue('local', 'hello', 'LOG_LEVEL')]: aConfigValue({service: 'hello'}),
  })

  const {error, stdout} = await run('hello', 'LOG_LEVEL')

  expect(error).toBeUndefined()
  expect(stdout).toBe(
    '✓ unset LOG_LEVEL\n\nThe next deploy of hello to local makes a new release without it.\n',
  )
  expect((await run('hello', 'LOG_LEVEL')).error).toMatchObject({code: 'E_CONFIG_UNKNOWN', exitCode: 2})
})

test('removes what is shared, or as a dry run nothing', async () => {
  await plantRecords(state.path, {[keys.configValue('local', undefined, 'LOG_LEVEL')]: aConfigValue()})

  expect((await run('--shared', 'LOG_LEVEL', '--dry-run')).stdout).toBe(
    'Would unset LOG_LEVEL\nNothing was changed.\n',
  )
  const {stdout} = await run('--shared', 'LOG_LEVEL', '--json')
  expect(JSON.parse(stdout)).toMatchObject({environment: 'local', names: ['LOG_LEVEL']})
})
