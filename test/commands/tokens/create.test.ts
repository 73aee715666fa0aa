import {readFileSync} from 'node:fs'

import {expect, test} from '@jest/globals'

import TokensCreate from '../../../src/commands/tokens/create.js'
import TokensList from '../../../src/commands/tokens/list.js'
import {runCommand} from '../../fakes/run-command.js'
import {stateDirectory} from '../../fakes/state-directory.js'

const state = stateDirectory()

test('shows the token once, and keeps nothing that it could be used with', async () => {
  const {error, stdout} = await runCommand(TokensCreate, ['ci', '--role', 'deployer'], state.path)
  const [token = '', secret = ''] = /yard_[0-9a-f]{16}_([A-Za-z0-9_-]{43})/.exec(stdout) ?? []

  expect(error).toBeUndefined()
  expect(stdout).toContain(`export YARD_TOKEN=${token}`)
  expect(secret).toHaveLength(43)
  expect(readFileSync(`${state.path}/catalog.db`, 'latin1')).not.toContain(secret)
  const listed = await runCommand(TokensList, ['--json'], state.path)
  expect(listed.stdout).not.toMatch(/digest|_/)
})

test('prints the token with --json, too', async () => {
  const {stdout} = await runCommand(
    TokensCreate,
    ['ci', '--role', 'reader', '--expires', '90d', '--json'],
    state.path,
  )

  expect(JSON.parse(stdout)).toEqual({
    dryRun: false,
    name: 'ci',
    role: 'reader',
    id: expect.stringMatching(/^[0-9a-f]{16}$/),
    token: expect.stringMatching(/^yard_/),
    expiresAt: expect.stringMatching(/^\d{4}-/),
  })
})

test('makes none in a dry run', async () => {
  const {stdout} = await runCommand(TokensCreate, ['ci', '--role', 'reader', '--dry-run'], state.path)

  expect(stdout).toContain('Nothing was changed.')
  expect((await runCommand(TokensList, [], state.path)).stdout).toContain('There is no token yet')
})

test.each([[['ci']], [['ci', '--role', 'root']], [['--role', 'admin']]])('refuses %j', async (words) => {
  expect((await runCommand(TokensCreate, words, state.path)).error).toMatchObject({oclif: {exit: 2}})
})
