import {afterEach, expect, test} from '@jest/globals'

import Audit from '../../../src/commands/audit/index.js'
import Register from '../../../src/commands/register.js'
import {RepositoryHere} from '../../fakes/repository-here.js'
import {runCommand} from '../../fakes/run-command.js'

const here = new RepositoryHere()
const before = process.env['CI_JOB_URL']

afterEach(() => {
  if (before === undefined) delete process.env['CI_JOB_URL']
  else process.env['CI_JOB_URL'] = before
})

async function rows(...argv: string[]): Promise<unknown> {
  const {error, stdout} = await runCommand(Audit, ['--json', ...argv], here.state)
  expect(error).toBeUndefined()
  return JSON.parse(stdout) as unknown
}

test('shows what a changing command did, with the service that it was about', async () => {
  process.env['CI_JOB_URL'] = 'https://ci.example.com/job/7'
  await runCommand(Register, ['--init', '--json'], here.state)

  expect(await rows()).toEqual([
    expect.objectContaining({
      number: 1,
      command: 'register',
      arguments: ['--init', '--json'],
      service: 'hello',
      outcome: 'done',
      by: expect.stringContaining('@'),
      ciUrl: expect.stringMatching(/^https:/),
    }),
  ])
  const {stdout} = await runCommand(Audit, [], here.state)
  expect(stdout).toMatch(
    /^ROW +WHEN +WHO +COMMAND +SERVICE +ENV +RESULT +TOOK\n1 .*register --init --json +hello/,
  )
})

test('keeps failed commands with their code, and chooses by service', async () => {
  await runCommand(Register, [], here.state)
  await runCommand(Register, ['--init'], here.state)

  expect(await rows()).toMatchObject([{outcome: 'failed', code: 'E_SERVICE_FILE'}, {outcome: 'done'}])
  expect(await rows('--service', 'hello')).toMatchObject([{number: 2}])
  expect(await rows('--service', 'other')).toEqual([])
})

test('refuses what is no name and no number', async () => {
  expect((await runCommand(Audit, ['--service', '../x'], here.state)).error).toMatchObject({
    code: 'E_NAME_INVALID',
  })
  expect((await runCommand(Audit, ['--limit', '0'], here.state)).error).toBeDefined()
})
