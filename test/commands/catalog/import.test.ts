import {writeFileSync} from 'node:fs'
import path from 'node:path'
import {Readable} from 'node:stream'

import {afterEach, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import CatalogExport from '../../../src/commands/catalog/export.js'
import CatalogImport from '../../../src/commands/catalog/import.js'
import {type YardError} from '../../../src/errors.js'
import {aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {stateDirectory} from '../../fakes/state-directory.js'

const state = stateDirectory()
const stdin = Object.getOwnPropertyDescriptor(process, 'stdin')

afterEach(() => {
  if (stdin !== undefined) Object.defineProperty(process, 'stdin', stdin)
})

async function exported(): Promise<string> {
  const {stdout} = await runCommand(CatalogExport, [], state.path)
  return stdout
}

test('shows the plan, and does nothing as a dry run', async () => {
  await plantRecords(state.path, {[keys.service('hello')]: aService()})
  const file = path.join(state.path, 'catalog.json')
  writeFileSync(file, (await exported()).replaceAll('hello', 'world'))

  const {error, stdout} = await runCommand(CatalogImport, [file, '--dry-run', '--prune'], state.path)

  expect(error).toBeUndefined()
  expect(stdout).toBe(
    '+ services/world\n- services/hello\n\nWould be: + 1 added  ~ 0 changed  = 0 unchanged  - 1 removed\nNothing was changed.\n',
  )
  expect(await exported()).not.toContain('world')
})

test('takes what is piped in for a dash, into another catalog', async () => {
  await plantRecords(state.path, {[keys.service('hello')]: aService()})
  const text = await exported()
  const halves = [text.slice(0, 100), text.slice(100)].map((half) => Buffer.from(half))
  Object.defineProperty(process, 'stdin', {value: Readable.from(halves), configurable: true})
  const other = `sqlite:${path.join(state.path, 'other.db')}`

  const {error, stdout} = await runCommand(CatalogImport, ['-', '--catalog', other, '--json'], state.path)

  expect(error).toBeUndefined()
  expect(JSON.parse(stdout)).toMatchObject({changes: [{action: 'add', key: keys.service('hello')}]})
  expect((await runCommand(CatalogExport, ['--catalog', other], state.path)).stdout).toBe(text)
})

test('removes only what somebody agreed to', async () => {
  await plantRecords(state.path, {[keys.service('hello')]: aService()})
  const file = path.join(state.path, 'catalog.json')
  writeFileSync(file, '\ufeff{"format":"yard-catalog","records":[],"version":1}')

  expect((await runCommand(CatalogImport, [file, '--prune'], state.path)).error).toMatchObject({
    code: 'E_NOT_CONFIRMED',
  })
  expect(await exported()).toContain('hello')
  expect((await runCommand(CatalogImport, [file, '--prune', '--yes'], state.path)).stdout).toContain(
    '- 1 removed',
  )
  expect(await exported()).not.toContain('hello')
})

test('refuses a file that is not there, and one that is no export', async () => {
  expect((await runCommand(CatalogImport, ['nowhere.json'], state.path)).error).toMatchObject({
    code: 'E_USAGE',
    exitCode: 2,
  })
  expect((await runCommand(CatalogImport, ['package.json'], state.path)).error).toMatchObject({
    code: 'E_IMPORT_FILE',
    exitCode: 2,
  })
})

test('says in plain words what is wrong with entries that are no records', async () => {
  const records = [{key: '/a'}, {key: 7, record: 1}, {key: '/b', record: 1, more: 1}, 3]
  const file = path.join(state.path, 'odd.json')
  writeFileSync(file, JSON.stringify({format: 'yard-catalog', version: 1, records}))
  const {error} = await runCommand(CatalogImport, [file], state.path)

  expect((error as YardError | undefined)?.why.split('\n  ')).toEqual([
    'records.0.record: is missing',
    'records.1.key: must be text',
    'records.2.more: has no place there',
    'records.3: must have a key and a record',
  ])
})
