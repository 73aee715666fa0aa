import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import ConfigGet from '../../../src/commands/config/get.js'
import {aConfigValue} from '../../fakes/config.js'
import {aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {fakeSealed} from '../../fakes/secret-box.js'
import {stateDirectory} from '../../fakes/state-directory.js'

const state = stateDirectory()
const run = (...words: string[]) => runCommand(ConfigGet, words, state.path)

test('prints the value and nothing else', async () => {
  await plantRecords(state.path, {
    [keys.service('hello')]: aService(),
    [keys.configValue('local', undefined, 'LOG_LEVEL')]: aConfigValue(),
  })

  expect(await run('hello', 'LOG_LEVEL')).toMatchObject({stdout: 'debug\n', error: undefined})
  expect(JSON.parse((await run('--shared', 'LOG_LEVEL', '--json')).stdout)).toEqual({
    name: 'LOG_LEVEL',
    kind: 'plain',
    source: 'shared',
    value: 'debug',
  })
})

test('refuses to show a secret', async () => {
  const content = {kind: 'sealed' as const, sealed: fakeSealed('x')}
  await plantRecords(state.path, {
    [keys.service('hello')]: aService(),
    [keys.configValue('local', 'hello', 'KEY')]: aConfigValue({name: 'KEY', service: 'hello', content}),
  })

  expect((await run('hello', 'KEY')).error).toMatchObject({code: 'E_USAGE', exitCode: 2})
})

test.each([[['hello']], [['hello', 'a-b']], [['LOG_LEVEL', 'x']]])('%j is a mistake', async (words) => {
  expect((await run(...words)).error).toMatchObject({code: 'E_USAGE'})
})
