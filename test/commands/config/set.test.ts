import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import ConfigSet from '../../../src/commands/config/set.js'
import {aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {stateDirectory} from '../../fakes/state-directory.js'

const state = stateDirectory()
const run = (...words: string[]) => runCommand(ConfigSet, words, state.path)

test('sets several and says when they take effect', async () => {
  await plantRecords(state.path, {[keys.service('hello')]: aService()})

  const {error, stdout} = await run('hello', 'LOG_LEVEL=debug', 'GREETING=Hi = you', '--env', 'local')

  expect(error).toBeUndefined()
  expect(stdout).toBe(
    '✓ set LOG_LEVEL\n✓ set GREETING\n\nThe next deploy of hello to local makes a new release with it.\n',
  )
})

test('takes flags before, between and after the words', async () => {
  await plantRecords(state.path, {[keys.service('hello')]: aService()})
  const {stdout} = await run('--json', 'hello', '--dry-run', 'A=1', '-e', 'local', 'B=2')

  expect(JSON.parse(stdout)).toEqual({
    environment: 'local',
    service: 'hello',
    dryRun: true,
    variables: [
      {name: 'A', kind: 'plain', outcome: 'added'},
      {name: 'B', kind: 'plain', outcome: 'added'},
    ],
  })
})

test('sets what all services share', async () => {
  const {stdout} = await run('--shared', 'LOG_LEVEL=info')

  expect(stdout).toContain('The next deploy of each service to local makes a new release with it.')
})

test.each([
  [['hello', 'CANARY']],
  [['hello', 'KEY=CANARY', '--secret']],
  [['hello', '--KEY=CANARY']],
  [['KEY=CANARY']],
  [['hello', 'PORT=CANARY']],
])('%j is a mistake that is not repeated', async (words) => {
  await plantRecords(state.path, {[keys.service('hello')]: aService()})
  const {error, stderr, stdout} = await run(...words)

  expect(error).toMatchObject({message: expect.any(String)})
  if (!words.includes('--KEY=CANARY')) {
    expect(error).toMatchObject({code: 'E_USAGE', exitCode: 2})
    expect(JSON.stringify([stdout, stderr, {...(error as object)}, (error as Error).message])).not.toContain(
      'CANARY',
    )
  }
})

test('a service that is not registered gets none', async () => {
  expect((await run('nobody', 'A=1')).error).toMatchObject({code: 'E_SERVICE_UNKNOWN'})
})
