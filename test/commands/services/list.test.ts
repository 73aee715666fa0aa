import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import ServicesList from '../../../src/commands/services/list.js'
import {aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'

let state: string

beforeEach(() => {
  state = mkdtempSync(path.join(tmpdir(), 'yard-command-'))
})

afterEach(() => rmSync(state, {recursive: true, force: true}))

test('shows a table to people', async () => {
  await plantRecords(state, {[keys.service('hello')]: aService()})

  const {stdout, error} = await runCommand(ServicesList, [], state)

  expect(error).toBeUndefined()
  expect(stdout).toBe('NAME   OWNER  RELEASE  SINCE  STATE\nhello  ada    -        -      not deployed\n')
})

test('prints an array with --json, and warnings beside it', async () => {
  await plantRecords(state, {[keys.service('hello')]: aService(), [keys.service('evil')]: {v: 9}})

  const {stdout, stderr, error} = await runCommand(ServicesList, ['--json', '--env', 'local'], state)

  expect(error).toBeUndefined()
  expect(JSON.parse(stdout)).toEqual([
    {name: 'hello', owner: 'ada', description: 'says hello', state: 'not-deployed'},
  ])
  expect(stderr).toContain('services/evil')
})

test('says what to do when there is none, in a state directory made for it', async () => {
  const {stdout} = await runCommand(ServicesList, [], path.join(state, 'new'))

  expect(stdout).toContain('yard generate service hello')
})

test.each(['../x', 'a b', '__proto__', 'A', ''])('refuses an environment called %j', async (name) => {
  const {stdout, error} = await runCommand(ServicesList, ['--env', name], state)

  expect(error).toMatchObject({code: 'E_NAME_INVALID'})
  expect(stdout).toBe('')
})
