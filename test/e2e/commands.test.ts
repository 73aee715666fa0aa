import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, describe, expect, test} from '@jest/globals'

import {packageRoot, Sandbox} from './support/sandbox.js'

interface Manifest {
  commands: Record<string, {id: string; summary?: string; description?: string; examples?: string[]}>
}

const manifest = JSON.parse(readFileSync(path.join(packageRoot, 'oclif.manifest.json'), 'utf8')) as Manifest
const commands = Object.values(manifest.commands)

/** What each command needs so that it comes to an end by itself in an empty directory. */
const endingArguments: Record<string, string[]> = {
  'consumers:add': ['billing', '--of', 'identity'],
  'consumers:remove': ['billing', '--of', 'identity'],
  'instances:disable': ['nobody-r1@localhost'],
  'instances:drain': ['nobody-r1@localhost'],
  'instances:enable': ['nobody-r1@localhost'],
  'instances:weight': ['nobody-r1@localhost', '10'],
  'fleet:up': ['--dry-run'],
  'generate:service': ['-rf'],
  'logs:tail': ['--no-follow'],
  serve: ['--listen', '0.0.0.0:0'],
  'sidecar:run': ['--env', 'nowhere', '--host', 'web-1'],
  'services:show': ['nobody'],
  up: ['--env', 'nowhere'],
}

describe('every command', () => {
  const sandbox = new Sandbox()
  afterAll(() => sandbox.dispose())

  for (const {id, description, examples, summary} of commands) {
    const words = id.split(':')

    test(`yard ${words.join(' ')} has a summary, a description and two examples`, () => {
      expect(summary).toBeTruthy()
      expect(description).toBeTruthy()
      expect(examples?.length).toBeGreaterThanOrEqual(2)
    })

    test(`yard ${words.join(' ')} answers --help`, async () => {
      const {code, stdout} = await sandbox.yard([...words, '--help'])
      expect(code).toBe(0)
      expect(stdout).toContain('EXAMPLES')
    })

    test(`yard ${words.join(' ')} --json prints one JSON document on stdout, and nothing else`, async () => {
      const {code, stderr, stdout} = await sandbox.yard([...words, ...(endingArguments[id] ?? []), '--json'])
      // A stream prints one object a line, and nothing when there is nothing; everything else is one document.
      const documents = id === 'logs:tail' ? stdout.split('\n').filter(Boolean) : [stdout]
      for (const document of documents) expect(JSON.parse(document)).toBeDefined()
      expect([0, 1, 2, 3, 4]).toContain(code)
      expect(stderr + stdout).not.toMatch(/\n\s+at .*:\d+:\d+/)
    })
  }
})

describe('a command line that is wrong', () => {
  const sandbox = new Sandbox()
  afterAll(() => sandbox.dispose())

  test('a misspelt command names the one that was meant', async () => {
    const {code, stderr} = await sandbox.yard(['deplyo'])
    expect(code).toBe(2)
    expect(stderr).toContain('did you mean deploy?')
  })

  test('a misspelt flag says so, without a stack', async () => {
    const {code, stderr} = await sandbox.yard(['status', '--evn', 'local'])
    expect(code).toBe(2)
    expect(stderr).toContain('--evn')
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  test('the exit code of an error is the same with --json', async () => {
    const plain = await sandbox.yard(['services', 'show', 'nobody'])
    const json = await sandbox.yard(['services', 'show', 'nobody', '--json'])
    expect(json.code).toBe(plain.code)
    expect(JSON.parse(json.stdout)).toMatchObject({error: {code: 'E_SERVICE_UNKNOWN'}})
  })

  test('what is piped in is not taken for a missing name', () => {
    const program = path.join(packageRoot, 'bin/run.js')
    for (const words of [
      ['generate', 'service'],
      ['services', 'show'],
    ]) {
      const {status, stderr} = spawnSync(process.execPath, [program, ...words], {
        env: sandbox.env,
        cwd: sandbox.home,
        input: 'nobody\n',
        encoding: 'utf8',
      })
      expect({status, stderr}).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('E_USAGE'),
      })
    }
  })

  test('--version is answered', async () => {
    expect((await sandbox.yard(['--version'])).stdout).toMatch(/^yard\/\d+\.\d+\.\d+ /)
  })
})
