import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import Audit from '../../../src/commands/audit/index.js'
import LockBreak from '../../../src/commands/lock/break.js'
import LockList from '../../../src/commands/lock/list.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {stateDirectory} from '../../fakes/state-directory.js'

const state = stateDirectory()

const name = 'deploy/staging/billing'
const lock = {
  v: 1,
  name,
  holder: 'ada@desk',
  host: 'desk',
  pid: 7,
  processStartedAt: '',
  purpose: 'deploy billing in staging',
  since: '2026-11-20T12:00:00.000Z',
}

test('asks for the name, which nobody can type here', async () => {
  await plantRecords(state.path, {[keys.lock(name)]: lock})

  const {error} = await runCommand(LockBreak, ['billing', '--env', 'staging'], state.path)

  expect(error).toMatchObject({
    code: 'E_NOT_CONFIRMED',
    exitCode: 3,
    why: expect.stringContaining('ada@desk'),
  })
})

test('breaks it with --yes, and leaves a row in the audit', async () => {
  await plantRecords(state.path, {[keys.lock(name)]: lock})

  const {stdout} = await runCommand(LockBreak, ['billing', '--env', 'staging', '--yes'], state.path)

  expect(stdout).toContain(`✓ The lock ${name} of ada@desk is broken`)
  expect(JSON.parse((await runCommand(LockList, ['--json'], state.path)).stdout)).toEqual([])
  expect(JSON.parse((await runCommand(Audit, ['--json'], state.path)).stdout)).toMatchObject([
    {
      command: expect.stringMatching(/^lock ?break$/),
      arguments: ['billing', '--env', 'staging', '--yes'],
      service: 'billing',
    },
  ])
})

test('as a dry run with --json shows the lock and keeps it', async () => {
  await plantRecords(state.path, {[keys.lock(name)]: lock})

  const {stdout} = await runCommand(LockBreak, ['--name', name, '--dry-run', '--json'], state.path)

  expect(JSON.parse(stdout)).toMatchObject({dryRun: true, lock: {name}})
  expect(JSON.parse((await runCommand(LockList, ['--json'], state.path)).stdout)).toHaveLength(1)
})
