import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {keys} from '../../src/catalog/keys.js'
import Graph from '../../src/commands/graph.js'
import {aConsumer} from '../fakes/calls.js'
import {aService} from '../fakes/records.js'
import {plantRecords, runCommand} from '../fakes/run-command.js'

let state: string

beforeEach(async () => {
  state = mkdtempSync(path.join(tmpdir(), 'yard-command-'))
  await plantRecords(state, {
    [keys.service('billing')]: aService({name: 'billing', calls: ['identity', 'mail']}),
    [keys.service('identity')]: aService({name: 'identity'}),
    [keys.consumer('identity', 'billing')]: aConsumer(),
  })
})

afterEach(() => rmSync(state, {recursive: true, force: true}))

test('shows a tree to people, with marks', async () => {
  const {error, stdout} = await runCommand(Graph, [], state)

  expect(error).toBeUndefined()
  expect(stdout).toBe(
    [
      'billing',
      '├─ identity',
      '└─ mail (not registered) (not allowed)',
      '',
      'not allowed: yard check says what to do',
      '',
    ].join('\n'),
  )
})

test('is the same data as --json and as --format json', async () => {
  const asJson = await runCommand(Graph, ['--json'], state)
  const asFormat = await runCommand(Graph, ['--format', 'json', '--service', 'billing'], state)

  expect(JSON.parse(asJson.stdout)).toEqual(JSON.parse(asFormat.stdout))
  expect(JSON.parse(asJson.stdout)).toMatchObject({calls: [{from: 'billing', to: 'identity'}, {to: 'mail'}]})
})

test('writes a picture into a file', async () => {
  const file = path.join(state, 'graph.svg')
  const {error, stdout} = await runCommand(Graph, ['--format', 'svg', '--out', file], state)

  expect(error).toBeUndefined()
  expect(stdout).toBe(`Wrote ${file}\n`)
  expect(readFileSync(file, 'utf8')).toMatch(/<svg[^]*billing[^]*<\/svg>\n$/)
})

test('refuses an unknown format and an unknown service', async () => {
  expect((await runCommand(Graph, ['--format', 'png'], state)).error).toMatchObject({oclif: {exit: 2}})
  expect((await runCommand(Graph, ['--service', 'nobody'], state)).error).toMatchObject({
    code: 'E_SERVICE_UNKNOWN',
  })
})
