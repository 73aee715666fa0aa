import {existsSync, readFileSync} from 'node:fs'
import path from 'node:path'

import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import RenderHaproxy from '../../../src/commands/render/haproxy.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {aBinding, aHost, anEnvironment, anInstance, aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'

const here = new DirectoryHere()
const line = ['--env', 'staging', '--host', 'web-1', '--haproxy-version', '2.6']

async function prepare(): Promise<void> {
  await plantRecords(here.state, {
    [keys.environment('staging')]: anEnvironment(),
    [keys.host('staging', 'web-1')]: aHost(),
    [keys.service('hello')]: aService(),
    [keys.binding('staging', 'hello')]: aBinding(),
    [keys.instance('staging', 'hello', 'hello-r1@web-1')]: anInstance({
      environment: 'staging',
      host: 'web-1',
    }),
    [keys.instance('staging', 'hello', 'hello-r2@web-1')]: {v: 9},
  })
}

test('writes the configuration to the screen, and names what was left out', async () => {
  await prepare()

  const {error, stderr, stdout} = await runCommand(RenderHaproxy, line, here.state)

  expect(error).toBeUndefined()
  expect(stdout).toMatch(/^global$/m)
  expect(stdout).toContain('127.0.0.1:21001')
  expect(stdout.endsWith('\n')).toBe(true)
  expect(stderr).toContain('hello-r2@web-1')
})

test('writes all files to a directory that need not be there', async () => {
  await prepare()

  const {error, stdout} = await runCommand(RenderHaproxy, [...line, '--out', 'a/b', '--json'], here.state)

  expect(error).toBeUndefined()
  const {files, generation, written} = JSON.parse(stdout) as {
    files: {name: string; text: string}[]
    generation: string
    written: string[]
  }
  expect(written).toEqual(files.map(({name}) => path.join(here.path, 'a/b', name)))
  for (const {name, text} of files) expect(readFileSync(path.join(here.path, 'a/b', name), 'utf8')).toBe(text)
  expect(files[0]?.text).toContain(generation)
})

test.each(['1.9', '2.3', '2', 'latest', '2.6; bind', '99.1'])(
  'for the HAProxy %j is refused',
  async (version) => {
    await prepare()
    const typed = ['--env', 'staging', '--host', 'web-1', '--haproxy-version', version]
    expect((await runCommand(RenderHaproxy, typed, here.state)).error).toMatchObject({
      code: 'E_USAGE',
      exitCode: 2,
    })
  },
)

test('changes nothing on this machine', async () => {
  await prepare()
  await runCommand(RenderHaproxy, ['--haproxy-version', '2.6'], here.state)
  expect(existsSync(path.join(here.state, 'local', 'haproxy'))).toBe(false)
})
