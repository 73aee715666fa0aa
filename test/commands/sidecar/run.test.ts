import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import SidecarRun from '../../../src/commands/sidecar/run.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {anEnvironment} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()

test('names that are none are refused before anything is made', async () => {
  for (const argv of [
    ['--env', '../x', '--host', 'web-1'],
    ['--env', 'staging', '--host', 'Web 1'],
  ]) {
    const {error} = await runCommand(SidecarRun, argv, here.state)
    expect(error).toMatchObject({code: 'E_NAME_INVALID', exitCode: 2})
  }
})

test('a host must be given', async () => {
  const {error} = await runCommand(SidecarRun, ['--env', 'staging'], here.state)
  expect(String(error)).toContain('Missing required flag host')
})

test('HAProxy must be there', async () => {
  await plantRecords(here.state, {[keys.environment('staging')]: anEnvironment()})
  process.env['YARD_HAPROXY'] = '/nowhere/haproxy'
  try {
    const {error} = await runCommand(SidecarRun, ['--env', 'staging', '--host', 'web-1'], here.state)
    expect(error).toMatchObject({code: 'E_HAPROXY_MISSING'})
  } finally {
    delete process.env['YARD_HAPROXY']
  }
})
