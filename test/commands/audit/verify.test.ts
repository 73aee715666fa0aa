import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import AuditVerify from '../../../src/commands/audit/verify.js'
import Down from '../../../src/commands/down.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {stateDirectory} from '../../fakes/state-directory.js'

const state = stateDirectory()

test('prints how many rows there are, and the hash to keep elsewhere', async () => {
  await runCommand(Down, ['--json'], state.path)

  const {stdout} = await runCommand(AuditVerify, [], state.path)
  const [, pin = ''] = /--expect (\S+)/.exec(stdout) ?? []
  expect(stdout).toContain('✓ 1 row, newest ')

  const again = await runCommand(AuditVerify, ['--expect', pin, '--json'], state.path)
  expect(JSON.parse(again.stdout)).toMatchObject({rows: 1, pin})
})

test('names the first row that does not fit, and ends with 1', async () => {
  await runCommand(Down, ['--json'], state.path)
  await plantRecords(state.path, {[keys.auditEntry(1)]: {v: 1}})

  expect((await runCommand(AuditVerify, [], state.path)).error).toMatchObject({
    code: 'E_AUDIT_BROKEN',
    exitCode: 1,
    details: {row: 1},
  })
})

test('refuses a pin that is none', async () => {
  expect((await runCommand(AuditVerify, ['--expect', 'x'], state.path)).error).toMatchObject({
    code: 'E_USAGE',
  })
})
