import {existsSync, mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import GenerateService from '../../../src/commands/generate/service.js'
import {type GenerateReport} from '../../../src/lifecycle/generate/generate.js'
import {runCommand} from '../../fakes/run-command.js'

let base: string

beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), 'yard-generate-'))
})

afterEach(() => rmSync(base, {recursive: true, force: true}))

const run = (...argv: string[]) =>
  runCommand(GenerateService, ['--dir', base, ...argv], path.join(base, '.state'))

test('makes a service in a directory of its name and says what to do next', async () => {
  const {stdout, error} = await run('hello', '--no-install', '--ci', 'none', '--owner', 'team-a')

  expect(error).toBeUndefined()
  expect(stdout).toMatch(
    /hello is in .*\n.*\n\nNext:\n {2}cd .*\/hello\n {2}yard register\n {2}yard deploy --env local\n$/,
  )
  expect(existsSync(path.join(base, 'hello/.git/HEAD'))).toBe(true)
})

test('a dry run with --json lists the files that the real run then makes', async () => {
  const flags = ['hello', '--no-install', '--port', '4001', '--json']
  const dry = JSON.parse((await run(...flags, '--dry-run')).stdout) as GenerateReport
  expect(readdirSync(base)).not.toContain('hello')

  const real = JSON.parse((await run(...flags)).stdout) as GenerateReport

  expect(real).toMatchObject({tree: dry.tree, files: dry.files, answers: {port: 4001, ci: 'github'}})
})

test.each([
  [['../../evil'], 'E_NAME_INVALID'],
  [['class'], 'E_NAME_INVALID'],
  [[], 'E_USAGE'],
  [['hello', '--port', '70000'], 'E_USAGE'],
])('refuses %j', async (argv, code) => {
  const {stdout, error} = await run(...argv)

  expect(error).toMatchObject({code, exitCode: 2})
  expect(stdout).toBe('')
  expect(readdirSync(base).filter((name) => name !== '.state')).toEqual([])
})

test.each([[['hello', '--ci', 'travis']], [['hello', '--template', 'perl']], [['hello', 'again']]])(
  'leaves the wrong use %j to the usage message',
  async (argv) => {
    const {error} = await run(...argv)

    expect(error).toMatchObject({oclif: {exit: 2}})
  },
)

test('prints the schema of the answers and makes nothing', async () => {
  const {stdout} = await run('--print-schema')

  expect(JSON.parse(stdout)).toMatchObject({required: ['name'], properties: {ci: {default: 'github'}}})
  expect(readdirSync(base)).not.toContain('hello')
})

test('refuses a target with something in it', async () => {
  await run('hello', '--no-install')

  const {error} = await run('hello', '--no-install')

  expect(error).toMatchObject({code: 'E_TARGET_EXISTS', exitCode: 3})
})
