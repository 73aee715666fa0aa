import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import Smoke from '../../src/commands/smoke.js'
import {runCommand} from '../fakes/run-command.js'
import {type SmokeServer, startSmokeServer} from '../fakes/smoke-server.js'

let directory: string
let server: SmokeServer
const home = process.cwd()

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'yard-smoke-'))
  await mkdir(path.join(directory, 'smoke'))
  await write('service.yaml', 'name: hello\nowner: shop\ndescription: greets\n')
  await write('Procfile', 'web: node server.js\n')
  server = await startSmokeServer(({url}, response) =>
    response.writeHead(url === '/' ? 200 : 404).end('hello'),
  )
  process.chdir(directory)
})

afterEach(async () => {
  process.exitCode = undefined
  process.chdir(home)
  await server.close()
  await rm(directory, {recursive: true})
})

test('shows a line for each file and exits 0 when all pass', async () => {
  await write('smoke/a.hurl', 'GET {{base_url}}/\nHTTP 200\n`hello`')

  const {stdout, error} = await yardSmoke()

  expect(error).toBeUndefined()
  expect(stdout).toContain('✓ smoke/a.hurl  1 request')
  expect(stdout).toContain('1 smoke test of hello in local passed')
  expect(process.exitCode ?? 0).toBe(0)
})

test('shows what failed and exits 1', async () => {
  await write('smoke/a.hurl', 'GET {{base_url}}/nope\nHTTP 200')

  const {stdout} = await yardSmoke('--report-junit', 'out.xml')

  expect(stdout).toContain('smoke/a.hurl:2:6  status')
  expect(process.exitCode).toBe(1)
  expect(await readFile(path.join(directory, 'out.xml'), 'utf8')).toContain('failures="1"')
})

test('gives the report, and nothing else on stdout, with --json', async () => {
  await write('smoke/a.hurl', 'GET {{base_url}}/nope\nHTTP 200')

  const {stdout} = await yardSmoke('--json')

  expect(JSON.parse(stdout)).toMatchObject({service: 'hello', outcome: 'failed', failures: 1})
  expect(process.exitCode).toBe(1)
})

test('exits 4 when nothing answers', async () => {
  await write('smoke/a.hurl', 'GET {{base_url}}/\nHTTP 200')
  await server.close()

  const {stdout} = await yardSmoke()

  expect(stdout).toContain('Nothing answers at http://127.0.0.1:')
  expect(process.exitCode).toBe(4)
})

test('refuses a wrong file before anything is sent', async () => {
  await write('smoke/a.hurl', 'GET {{base_url}}/\nHTTP 200')
  await write('smoke/b.hurl', 'GET {{base_url}}/\n[Options]\nntlm: true')

  const {error} = await yardSmoke()

  expect(error).toMatchObject({
    code: 'E_SMOKE_FILE',
    exitCode: 2,
    why: expect.stringContaining('smoke/b.hurl:3:1'),
  })
  expect(server.requests).toHaveLength(0)
})

async function yardSmoke(...argv: string[]) {
  const state = path.join(directory, 'state')
  return runCommand(Smoke, ['--variable', `base_url=${server.origin}`, ...argv], state)
}

async function write(name: string, text: string): Promise<void> {
  await writeFile(path.join(directory, name), text)
}
