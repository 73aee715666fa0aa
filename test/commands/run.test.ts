import {mkdirSync} from 'node:fs'
import path from 'node:path'

import {afterEach, expect, test} from '@jest/globals'

import {openSqliteStore} from '../../src/adapters/store-sqlite/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import Register from '../../src/commands/register.js'
import Run from '../../src/commands/run.js'
import {RepositoryHere} from '../fakes/repository-here.js'
import {runCommand} from '../fakes/run-command.js'

const here = new RepositoryHere()
const node = process.execPath

afterEach(() => {
  process.exitCode = undefined
})

/** Release 2 of hello, which is live, unpacked on this machine. */
async function plant(): Promise<void> {
  await here.plantHistory()
  mkdirSync(path.join(here.state, 'releases', 'hello', 'r2'), {recursive: true})
}

test('shows the output of a program in the environment of the release, and passes its exit code on', async () => {
  await runCommand(Register, ['--init'], here.state)
  await plant()
  const script = 'console.log(process.env.YARD_RELEASE, process.argv[1]); process.exit(3)'

  const {error, stdout} = await runCommand(Run, ['--', node, '--eval', script, '--', '--json'], here.state)

  expect(error).toBeUndefined()
  expect(stdout).toBe('hello-r2 --json\n')
  expect(process.exitCode).toBe(3)
})

test('with --json the output goes to stderr, and the result tells how it ended', async () => {
  await plant()

  const {stderr, stdout} = await runCommand(
    Run,
    ['hello', '--json', '--', node, '--eval', 'console.log("hi"); process.kill(process.pid, "SIGKILL")'],
    here.state,
  )

  expect(JSON.parse(stdout)).toMatchObject({service: 'hello', release: 2, exitCode: 137, signal: 'SIGKILL'})
  expect(stderr).toContain('hi')
  expect(process.exitCode).toBe(137)
})

test('what is given to a program reaches no shell', async () => {
  await plant()
  const words = ["it's; $HOME", '`id`', '', '*']
  const script = 'console.log(JSON.stringify(process.argv.slice(1)))'

  const {stdout} = await runCommand(Run, ['hello', '--', node, '--eval', script, '--', ...words], here.state)

  expect(JSON.parse(stdout)).toEqual(words)
})

test('leaves a row in the audit that holds no word which may be secret', async () => {
  await plant()
  await runCommand(
    Run,
    ['hello', '--', 'node', '--eval', '0', 'sk_live_sesame', '--token=sesame'],
    here.state,
  )

  const catalog = new Catalog(await openSqliteStore({file: `${here.state}/catalog.db`}))
  const {records} = await catalog.auditEntries.list(keys.auditEntries)
  await catalog.store.close()
  expect(records.map(({record}) => record)).toMatchObject([
    {command: 'run', service: 'hello', outcome: 'done'},
  ])
  expect(JSON.stringify(records)).not.toContain('sesame')
})

test.each([
  [['hello'], 'E_USAGE'],
  [['hello', '--'], 'E_USAGE'],
  [['hello', '--timeout', 'soon', '--', 'true'], 'E_USAGE'],
  [['helo', '--', 'true'], 'E_SERVICE_UNKNOWN'],
  [['hello', '--host', 'web-9', '--', 'true'], 'E_HOST_UNKNOWN'],
  [['hello', '--env', 'stagin', '--', 'true'], 'E_ENVIRONMENT_UNKNOWN'],
])('refuses %j', async (words, code) => {
  await plant()

  expect((await runCommand(Run, words, here.state)).error).toMatchObject({code, exitCode: 2})
})
