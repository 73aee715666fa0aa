import {writeFileSync} from 'node:fs'

import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import ConfigList from '../../../src/commands/config/list.js'
import {aConfigValue} from '../../fakes/config.js'
import {aService} from '../../fakes/records.js'
import {RepositoryHere} from '../../fakes/repository-here.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {fakeSealed} from '../../fakes/secret-box.js'

const here = new RepositoryHere()
const run = (...words: string[]) => runCommand(ConfigList, words, here.state)

async function plant(): Promise<void> {
  const content = {kind: 'sealed' as const, sealed: fakeSealed('x')}
  await plantRecords(here.state, {
    [keys.service('hello')]: aService(),
    [keys.configValue('local', undefined, 'LOG_LEVEL')]: aConfigValue(),
    [keys.configValue('local', 'hello', 'KEY')]: aConfigValue({name: 'KEY', service: 'hello', content}),
  })
}

test('shows where each variable comes from, those of service.yaml too when it is here', async () => {
  await plant()
  writeFileSync(
    'service.yaml',
    'name: hello\nowner: ada\ndescription: d\nenv: {LOG_LEVEL: warn, MODE: good}\n',
  )
  writeFileSync('Procfile', 'web: node server.js\n')

  const {stderr, stdout} = await run('hello')

  expect(stdout.split('\n').map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
    ['NAME', 'VALUE', 'FROM'],
    ['KEY', '[secret]', 'environment'],
    ['LOG_LEVEL', 'warn', 'service.yaml, over shared'],
    ['MODE', 'good', 'service.yaml'],
    [''],
  ])
  expect(stderr).toBe('')
})

test('elsewhere, or beside the file of another service, says that it is not among them', async () => {
  await plant()
  writeFileSync('service.yaml', 'name: other\nowner: ada\ndescription: d\nenv: {MODE: good}\n')
  writeFileSync('Procfile', 'web: node server.js\n')

  const {stderr, stdout} = await run('hello')

  expect(stdout).not.toContain('MODE')
  expect(stderr).toContain('shown only in the directory of hello')
})

test('a service that is unknown is all there is to say', async () => {
  const {error, stderr} = await run('nowhere')

  expect(error).toMatchObject({code: 'E_SERVICE_UNKNOWN'})
  expect(stderr).not.toContain('shown only')
})

test('prints an array with --json, and of a secret no sealed text either', async () => {
  await plant()
  const {stdout} = await run('hello', '--json')

  expect(JSON.parse(stdout)).toMatchObject([
    {name: 'KEY', kind: 'sealed', setBy: 'ada@laptop'},
    {name: 'LOG_LEVEL', value: 'debug', source: 'shared'},
  ])
  expect(stdout).not.toContain('AGE')
})

test('needs to know whose', async () => {
  expect((await run()).error).toMatchObject({code: 'E_USAGE'})
  expect((await run('--shared')).stdout).toContain('Nothing is set for all services of local')
})
