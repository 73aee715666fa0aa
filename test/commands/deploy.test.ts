import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../src/catalog/keys.js'
import Deploy from '../../src/commands/deploy.js'
import Register from '../../src/commands/register.js'
import Rollback from '../../src/commands/rollback.js'
import Status from '../../src/commands/status.js'
import {localEnvironment} from '../../src/domain/environment.js'
import {aBinding, aDeploy, anInstance, aRelease, aService} from '../fakes/records.js'
import {plantRecords, runCommand} from '../fakes/run-command.js'

const home = process.cwd()
let base: string
let state: string
let repository: string

beforeEach(() => {
  base = realpathSync(mkdtempSync(path.join(tmpdir(), 'yard-command-')))
  state = path.join(base, 'state')
  repository = path.join(base, 'hello')
  mkdirSync(repository)
  writeFileSync(path.join(repository, 'server.js'), '')
  git('init', '--quiet', '--initial-branch=main')
  process.chdir(repository)
})

afterEach(() => {
  process.chdir(home)
  rmSync(base, {recursive: true, force: true})
})

describe('yard register', () => {
  test('writes the files that are missing, registers, and says what is next', async () => {
    const {stdout, error} = await runCommand(Register, ['--init'], state)

    expect(error).toBeUndefined()
    expect(stdout).toContain('hello is registered')
    expect(stdout).toContain('Next: yard deploy --env local')
    expect(readFileSync('Procfile', 'utf8')).toBe('web: node server.js\n')
  })

  test('as a dry run with --json writes nothing and prints one document', async () => {
    const {stdout} = await runCommand(Register, ['--init', '--dry-run', '--json'], state)

    expect(JSON.parse(stdout)).toMatchObject({outcome: 'added', dryRun: true, service: {name: 'hello'}})
    expect(existsSync('Procfile')).toBe(false)
  })

  test('names every mistake with its place', async () => {
    writeFileSync('service.yaml', 'name: hello\nownr: x\ndescription: y\nport: 70000\n')
    writeFileSync('Procfile', 'web node\n')

    const {error} = await runCommand(Register, [], state)

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

    const {error} = await runCommand(Register, [], state)

    expect(error).toMatchObject({code: 'E_SERVICE_FILE', why: expect.stringContaining('larger than 64 kB')})
  })
})

describe('yard deploy', () => {
  test('says how to bring the environment up when it is down', async () => {
    await runCommand(Register, ['--init'], state)
    commit()

    const {error, stdout} = await runCommand(Deploy, ['--env', 'local', '--json'], state)

    expect(error).toMatchObject({
      code: 'E_ENVIRONMENT_DOWN',
      exitCode: 4,
      next: ['yard up --detach', 'yard doctor'],
    })
    expect(stdout).toBe('')
  })

  test('plans with --dry-run', async () => {
    await runCommand(Register, ['--init'], state)
    commit()
    await plantEnvironment()

    const {stdout, error} = await runCommand(Deploy, ['--dry-run'], state)

    expect(error).toBeUndefined()
    expect(stdout).toMatch(/Would deploy hello in local \(nothing is live there yet\)[^]*Nothing was changed/)
  })

  test.each([['--output=pwned'], ['-f'], ['a..b'], ['$(touch pwned)']])('refuses the ref %j', async (ref) => {
    await runCommand(Register, ['--init'], state)
    commit()
    await plantEnvironment()

    const {error} = await runCommand(Deploy, [`--ref=${ref}`], state)

    expect(error).toMatchObject({code: 'E_REF_UNKNOWN', exitCode: 2})
    expect(existsSync('pwned')).toBe(false)
  })

  test('refuses a repository without a commit, and uncommitted changes', async () => {
    await runCommand(Register, ['--init'], state)
    await plantEnvironment()
    expect((await runCommand(Deploy, [], state)).error).toMatchObject({code: 'E_REF_UNKNOWN'})
    commit()
    writeFileSync('new.js', '')

    expect((await runCommand(Deploy, [], state)).error).toMatchObject({
      code: 'E_WORK_TREE_DIRTY',
      exitCode: 3,
      why: expect.stringContaining('new.js'),
    })
  })
})

test('yard rollback plans the way back, for the service of this directory', async () => {
  await runCommand(Register, ['--init'], state)
  await plantEnvironment()

  const {stdout, error} = await runCommand(Rollback, ['--dry-run'], state)

  expect(error).toBeUndefined()
  expect(stdout).toContain('Would roll back to hello-r1 in local (hello-r2 is live there now)')
})

test.each(['../x', 'A', '-rf', ''])('yard rollback refuses the service %j', async (name) => {
  expect((await runCommand(Rollback, ['--', name], state)).error).toMatchObject({exitCode: 2})
})

test('yard status shows what runs, in words and as one document', async () => {
  await plantEnvironment()

  const people = await runCommand(Status, [], state)
  const {stdout} = await runCommand(Status, ['hello', '--json'], state)

  expect(people.stdout).toMatch(/local is up[^]*hello +r2 +0123456 +hello-r2@localhost +21001/)
  expect(JSON.parse(stdout)).toMatchObject({isUp: true, services: [{service: 'hello', release: 2}]})
})

async function plantEnvironment(): Promise<void> {
  const planted: Record<string, unknown> = {
    [keys.environment('local')]: localEnvironment(),
    [keys.host('local', 'localhost')]: {
      v: 1,
      name: 'localhost',
      environment: 'local',
      address: '127.0.0.1',
      description: 'this machine',
    },
    [keys.agent('local', 'localhost')]: {
      v: 1,
      host: 'localhost',
      pid: 1,
      startedAt: '2026-11-20T12:00:00.000Z',
      appliedRevision: 1,
      haproxyVersion: '2.6.12',
      skipped: [],
    },
  }
  const isDeploying = (expect.getState().currentTestName ?? '').startsWith('yard deploy')
  const history: Record<string, unknown> = {
    [keys.service('hello')]: aService(),
    [keys.release('hello', 1)]: aRelease({number: 1}),
    [keys.release('hello', 2)]: aRelease({number: 2}),
    [keys.deploy('local', 'hello', 1)]: aDeploy({number: 1, release: 1}),
    [keys.deploy('local', 'hello', 2)]: aDeploy({number: 2, release: 2}),
    [keys.binding('local', 'hello')]: aBinding({active: 2}),
    [keys.instance('local', 'hello', 'hello-r2@localhost')]: anInstance({release: 2}),
  }
  await plantRecords(state, isDeploying ? planted : {...planted, ...history})
}

function commit(): void {
  git('add', '--all')
  git('-c', 'user.name=Test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--message', 'first')
}

function git(...args: string[]): void {
  execFileSync('git', args, {cwd: repository, stdio: 'ignore'})
}
