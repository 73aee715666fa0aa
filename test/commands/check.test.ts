import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {keys} from '../../src/catalog/keys.js'
import Check from '../../src/commands/check.js'
import {aConsumer} from '../fakes/calls.js'
import {aService} from '../fakes/records.js'
import {plantRecords, runCommand} from '../fakes/run-command.js'

let state: string

beforeEach(async () => {
  state = mkdtempSync(path.join(tmpdir(), 'yard-command-'))
  await plantRecords(state, {
    [keys.service('billing')]: aService({name: 'billing', calls: ['identity']}),
    [keys.service('identity')]: aService({name: 'identity'}),
  })
})

afterEach(() => {
  process.exitCode = undefined
  rmSync(state, {recursive: true, force: true})
})

test('ends with 1 and the line that mends it', async () => {
  const {error, stdout} = await runCommand(Check, [], state)

  expect(error).toBeUndefined()
  expect(process.exitCode).toBe(1)
  expect(stdout).toBe(
    '✗ billing calls identity without being its consumer\n' +
      '    yard consumers add billing --of identity\n\n✗ 1 problem (2 services, 1 call)\n',
  )
})

test('ends with 0 when every call has its consumer', async () => {
  await plantRecords(state, {[keys.consumer('identity', 'billing')]: aConsumer()})
  const {stdout} = await runCommand(Check, ['--service', 'identity'], state)

  expect(process.exitCode).toBeUndefined()
  expect(stdout).toBe('✓ Every call has its consumer (1 service, 1 call)\n')
})

test('prints an object with --json', async () => {
  const {stdout} = await runCommand(Check, ['--json'], state)

  expect(JSON.parse(stdout)).toMatchObject({
    problems: [{kind: 'not-a-consumer', service: 'billing'}],
    hints: [],
  })
})
