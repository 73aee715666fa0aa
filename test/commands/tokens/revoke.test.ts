import {expect, test} from '@jest/globals'

import TokensCreate from '../../../src/commands/tokens/create.js'
import TokensList from '../../../src/commands/tokens/list.js'
import TokensRevoke from '../../../src/commands/tokens/revoke.js'
import {runCommand} from '../../fakes/run-command.js'
import {stateDirectory} from '../../fakes/state-directory.js'

const state = stateDirectory()

test('takes a token out of use, and says so when it was before', async () => {
  await runCommand(TokensCreate, ['ci', '--role', 'deployer'], state.path)
  const dry = await runCommand(TokensRevoke, ['ci', '--dry-run'], state.path)
  const first = await runCommand(TokensRevoke, ['ci'], state.path)
  const second = await runCommand(TokensRevoke, ['ci'], state.path)

  expect(dry.stdout).toBe('Would revoke the token ci\nNothing was changed.\n')
  expect(first.stdout).toBe('✓ The token ci is revoked: servers refuse it from now on\n')
  expect(second.stdout).toBe('The token ci was revoked before (just now): unchanged\n')
  expect((await runCommand(TokensList, [], state.path)).stdout).toContain('revoked')
})

test('refuses a token that there is not, and names the nearest', async () => {
  await runCommand(TokensCreate, ['deploys', '--role', 'deployer'], state.path)
  const {error} = await runCommand(TokensRevoke, ['deploy'], state.path)

  expect(error).toMatchObject({code: 'E_TOKEN_UNKNOWN', exitCode: 2, why: 'did you mean deploys?'})
})
