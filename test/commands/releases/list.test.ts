import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import ReleasesList from '../../../src/commands/releases/list.js'
import {aRelease, aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'

let state: string

beforeEach(() => {
  state = mkdtempSync(path.join(tmpdir(), 'yard-command-'))
})

afterEach(() => rmSync(state, {recursive: true, force: true}))

test('shows the releases of a service to people', async () => {
  await plantRecords(state, {
    [keys.service('hello')]: aService(),
    [keys.release('hello', 1)]: aRelease(),
    [keys.release('other', 1)]: aRelease({service: 'other'}),
  })

  const {stdout, error} = await runCommand(ReleasesList, ['hello'], state)

  expect(error).toBeUndefined()
  expect(stdout).toMatch(/^RELEASE {3}COMMIT {4}REF .*\nhello-r1 {2}01234567 {2}main .* -\n$/)
})

test('prints an array of all releases with --json', async () => {
  await plantRecords(state, {[keys.release('hello', 1)]: aRelease()})

  const {stdout} = await runCommand(ReleasesList, ['--json'], state)

  expect(JSON.parse(stdout)).toMatchObject([{id: 'hello-r1', liveIn: []}])
})

test('refuses a service that it does not know', async () => {
  expect((await runCommand(ReleasesList, ['nobody'], state)).error).toMatchObject({code: 'E_SERVICE_UNKNOWN'})
})
