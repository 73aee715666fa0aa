import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import ServicesShow from '../../../src/commands/services/show.js'
import {aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'

let state: string

beforeEach(() => {
  state = mkdtempSync(path.join(tmpdir(), 'yard-command-'))
})

afterEach(() => rmSync(state, {recursive: true, force: true}))

test('shows one service to people', async () => {
  await plantRecords(state, {[keys.service('hello')]: aService()})

  const {stdout, error} = await runCommand(ServicesShow, ['hello'], state)

  expect(error).toBeUndefined()
  expect(stdout).toContain('hello in local: not deployed')
  expect(stdout).toContain('web      node dist/main.js')
})

test('prints an object with --json', async () => {
  await plantRecords(state, {[keys.service('hello')]: aService()})

  const {stdout} = await runCommand(ServicesShow, ['hello', '--json'], state)

  expect(JSON.parse(stdout)).toMatchObject({environment: 'local', service: {name: 'hello'}, instances: []})
})

test('refuses what it does not know', async () => {
  expect((await runCommand(ServicesShow, ['nobody'], state)).error).toMatchObject({code: 'E_SERVICE_UNKNOWN'})
  expect((await runCommand(ServicesShow, ['../x'], state)).error).toMatchObject({code: 'E_NAME_INVALID'})
})
