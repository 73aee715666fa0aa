import {existsSync, writeFileSync} from 'node:fs'

import {expect, test} from '@jest/globals'

import Deploy from '../../../src/commands/deploy/index.js'
import Register from '../../../src/commands/register.js'
import {RepositoryHere} from '../../fakes/repository-here.js'
import {runCommand} from '../../fakes/run-command.js'

const here = new RepositoryHere()

test('says how to bring the environment up when it is down', async () => {
  await runCommand(Register, ['--init'], here.state)
  here.commit()

  const {error, stdout} = await runCommand(Deploy, ['--env', 'local', '--json'], here.state)

  expect(error).toMatchObject({
    code: 'E_ENVIRONMENT_DOWN',
    exitCode: 4,
    next: ['yard up --detach', 'yard doctor'],
  })
  expect(stdout).toBe('')
})

test('plans with --dry-run', async () => {
  await runCommand(Register, ['--init'], here.state)
  here.commit()
  await here.plantEnvironment()

  const {stdout, error} = await runCommand(Deploy, ['--dry-run'], here.state)

  expect(error).toBeUndefined()
  expect(stdout).toMatch(/Would deploy hello in local \(nothing is live there yet\)[^]*Nothing was changed/)
})

test.each([['--output=pwned'], ['-f'], ['a..b'], ['$(touch pwned)']])('refuses the ref %j', async (ref) => {
  await runCommand(Register, ['--init'], here.state)
  here.commit()
  await here.plantEnvironment()

  const {error} = await runCommand(Deploy, [`--ref=${ref}`], here.state)

  expect(error).toMatchObject({code: 'E_REF_UNKNOWN', exitCode: 2})
  expect(existsSync('pwned')).toBe(false)
})

test('refuses a repository without a commit, and uncommitted changes', async () => {
  await runCommand(Register, ['--init'], here.state)
  await here.plantEnvironment()
  expect((await runCommand(Deploy, [], here.state)).error).toMatchObject({code: 'E_REF_UNKNOWN'})
  here.commit()
  writeFileSync('new.js', '')

  expect((await runCommand(Deploy, [], here.state)).error).toMatchObject({
    code: 'E_WORK_TREE_DIRTY',
    exitCode: 3,
    why: expect.stringContaining('new.js'),
  })
})

test.each([
  [['--weight', '10']],
  [['--strategy', 'blue-green', '--batch', '2']],
  [['--batch', 'many']],
  [['--bake', '3 days']],
  [['--hosts', '../x']],
  [['--strategy', 'yolo']],
  [['--on-failure', 'shrug']],
])('refuses %j, and writes nothing', async (flags) => {
  await runCommand(Register, ['--init'], here.state)
  here.commit()
  await here.plantEnvironment()

  expect((await runCommand(Deploy, flags, here.state)).error).toBeDefined()

  expect((await runCommand(Deploy, ['--plan'], here.state)).stdout).toContain('nothing is live there yet')
})
