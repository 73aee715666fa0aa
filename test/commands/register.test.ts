import {existsSync, readFileSync, writeFileSync} from 'node:fs'

import {expect, test} from '@jest/globals'

import Register from '../../src/commands/register.js'
import {RepositoryHere} from '../fakes/repository-here.js'
import {runCommand} from '../fakes/run-command.js'

const here = new RepositoryHere()

test('writes the files that are missing, registers, and says what is next', async () => {
  const {stdout, error} = await runCommand(Register, ['--init'], here.state)

  expect(error).toBeUndefined()
  expect(stdout).toContain('hello is registered')
  expect(stdout).toContain('Next: git add Procfile service.yaml && git commit')
  expect(stdout).toContain('yard deploy --env local')
  expect(readFileSync('Procfile', 'utf8')).toBe('web: node server.js\n')
})

test('as a dry run with --json writes nothing and prints one document', async () => {
  const {stdout} = await runCommand(Register, ['--init', '--dry-run', '--json'], here.state)

  expect(JSON.parse(stdout)).toMatchObject({outcome: 'added', dryRun: true, service: {name: 'hello'}})
  expect(existsSync('Procfile')).toBe(false)
})

test('names every mistake with its place', async () => {
  writeFileSync('service.yaml', 'name: hello\nownr: x\ndescription: y\nport: 70000\n')
  writeFileSync('Procfile', 'web node\n')

  const {error} = await runCommand(Register, [], here.state)

  expect(error).toMatchObject({code: 'E_SERVICE_FILE', exitCode: 2})
  expect((error as {why: string}).why.split('\n').map((line) => line.trim().split(' ')[0])).toEqual([
    'service.yaml:2:1',
    'service.yaml:1:1',
    'service.yaml:4:1',
    'Procfile:1:1',
  ])
})

test('refuses a service file of 5 MB', async () => {
  writeFileSync('service.yaml', `name: hello\n# ${'x'.repeat(5_000_000)}`)
  writeFileSync('Procfile', 'web: node server.js\n')

  const {error} = await runCommand(Register, [], here.state)

  expect(error).toMatchObject({code: 'E_SERVICE_FILE', why: expect.stringContaining('larger than 64 kB')})
})
