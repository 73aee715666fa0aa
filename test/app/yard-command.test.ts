import {afterEach, expect, test} from '@jest/globals'

import {envFlag, YardCommand} from '../../src/app/yard-command.js'
import {YardError} from '../../src/errors.js'
import {runCommand} from '../fakes/run-command.js'
import {stateDirectory} from '../fakes/state-directory.js'

const state = stateDirectory()
let failure: Error = new Error('none')

class Failing extends YardCommand {
  static override flags = {env: envFlag}

  async run(): Promise<void> {
    await this.parse(Failing)
    await this.yard()
    throw failure
  }
}

afterEach(() => {
  failure = new Error('none')
})

const run = async (...words: string[]) => (await runCommand(Failing, words, state.path)).error

test('lines to paste name the environment that the command was about', async () => {
  const cause = new Error('deep down')
  const next = ['yard host setup web-1', 'ssh web-1'] as [string, ...string[]]
  failure = new YardError('E_HOST_SETUP', {what: 'a', why: 'b', next, cause, details: {host: 'web-1'}})

  expect(await run('--env', 'staging')).toMatchObject({
    code: 'E_HOST_SETUP',
    what: 'a',
    why: 'b',
    next: ['yard host setup web-1 --env staging', 'ssh web-1'],
    cause,
    details: {host: 'web-1'},
  })
  expect(await run()).toMatchObject({next})
})

test('a mistake in yard stays what it is', async () => {
  failure = new TypeError('x is not a function')

  expect(await run('--env', 'staging')).toBe(failure)
})
