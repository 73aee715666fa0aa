import path from 'node:path'

import {expect, test} from '@jest/globals'

import Doctor from '../../src/commands/doctor.js'
import {type DoctorReport} from '../../src/lifecycle/doctor.js'
import {runCommand} from '../fakes/run-command.js'
import {stateDirectory} from '../fakes/state-directory.js'

const state = stateDirectory()

test('looks at everything and says where the catalog is', async () => {
  const {error, stdout} = await runCommand(Doctor, ['--json'], state.path)

  expect(error).toBeUndefined()
  const {findings} = JSON.parse(stdout) as DoctorReport
  expect(findings.map(({check}) => check)).toEqual([
    'node',
    'git',
    'haproxy',
    'port 7070',
    state.path,
    'disk',
    'catalog',
  ])
  expect(findings.at(-1)).toMatchObject({
    outcome: 'fine',
    detail: `sqlite:${path.join(state.path, 'catalog.db')}`,
  })
})

test('ends with 1 when something is missing, and prints the line that installs it', async () => {
  process.env['YARD_HAPROXY'] = '/nowhere/haproxy'
  const {stdout} = await runCommand(Doctor, [], state.path)

  expect(process.exitCode).toBe(1)
  process.exitCode = undefined
  expect(stdout).toContain('Something needs your help.')
})
