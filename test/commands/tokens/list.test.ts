import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import TokensCreate from '../../../src/commands/tokens/create.js'
import TokensList from '../../../src/commands/tokens/list.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {stateDirectory} from '../../fakes/state-directory.js'

const state = stateDirectory()

test('shows who may use the catalog over HTTP', async () => {
  await runCommand(TokensCreate, ['ci', '--role', 'deployer'], state.path)
  const {stdout} = await runCommand(TokensList, [], state.path)

  expect(stdout).toMatch(
    /^NAME {2}ROLE {6}STATE {3}MADE .*\nci {4}deployer {2}usable {2}just now .* never\n$/,
  )
})

test('names a bad record and goes on', async () => {
  await runCommand(TokensCreate, ['ci', '--role', 'deployer'], state.path)
  await plantRecords(state.path, {[keys.token('0123456789abcdef')]: {v: 1, role: 'god'}})
  const {stderr, stdout} = await runCommand(TokensList, ['--json'], state.path)

  expect(JSON.parse(stdout)).toMatchObject([{name: 'ci'}])
  expect(stderr).toContain('/yard/v1/tokens/0123456789abcdef')
})
