import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import ConfigDiff from '../../../src/commands/config/diff.js'
import {aConfigValue} from '../../fakes/config.js'
import {aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {stateDirectory} from '../../fakes/state-directory.js'

const state = stateDirectory()
const router = {address: '127.0.0.1', port: 7070, header: 'Yard-Service'}

test('shows what differs between two environments', async () => {
  await plantRecords(state.path, {
    [keys.service('hello')]: aService(),
    [keys.environment('staging')]: {v: 1, name: 'staging', kind: 'hosts', router},
    [keys.configValue('local', 'hello', 'LOG_LEVEL')]: aConfigValue({service: 'hello'}),
  })
  const words = ['hello', '--from', 'staging', '--to', 'local']

  expect((await runCommand(ConfigDiff, words, state.path)).stdout).toBe(
    'NAME       STAGING  LOCAL\nLOG_LEVEL  not set  debug\n',
  )
  const {stdout} = await runCommand(ConfigDiff, [...words, '--json'], state.path)
  expect(JSON.parse(stdout)).toEqual({
    service: 'hello',
    from: 'staging',
    to: 'local',
    differences: [{name: 'LOG_LEVEL', to: {kind: 'plain', value: 'debug'}}],
    secrets: [],
  })
})

test('says when there is no difference', async () => {
  const {stdout} = await runCommand(ConfigDiff, ['--shared', '--from', 'local', '--to', 'local'], state.path)

  expect(stdout).toContain('local and local have the same variables')
})
