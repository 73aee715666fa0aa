import {execFile} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import path from 'node:path'
import {promisify} from 'node:util'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {openSqliteStore} from '../../src/adapters/store-sqlite/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {ensureLocalEnvironment} from '../../src/catalog/seed.js'
import {hostileNames} from '../fakes/hostile-names.js'
import {PlainService} from './support/plain-service.js'
import {program, Sandbox} from './support/sandbox.js'

const names = [...hostileNames, 'constructor', 'con', 'toString', 'ORDERS', 'orders/..', '\u{1f600}'].filter(
  Boolean,
)

/** Starts a program, is busy with something else for a while, and then prints what the program wrote to stderr. */
const lateReader = `
  const [, file, ...words] = process.argv
  const child = require('node:child_process').spawn(file, words, {stdio: ['ignore', 'ignore', 'pipe']})
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000)
  child.stderr.pipe(process.stdout)
`

/** What somebody else may have written there. */
const values: Record<string, string> = {
  'no JSON': '{"v":1,',
  'a newer version': '{"v":99,"name":"hello"}',
  'a megabyte': JSON.stringify({v: 1, name: 'x'.repeat(1_000_000)}),
  'a prototype': '{"v":1,"__proto__":{"polluted":true},"name":"__proto__"}',
  nothing: 'null',
  'a list': '[]',
  'deep nesting': `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
}

const prefixes: Record<string, string> = {
  services: keys.services,
  releases: keys.releases('hello'),
  environments: keys.environments,
  hosts: keys.hosts('local'),
  'drained hosts': keys.hostDrains('local'),
  bindings: keys.bindings('local'),
  instances: keys.instances('local', 'hello'),
  statuses: keys.statuses('local'),
  agents: keys.agents('local'),
  deploys: keys.deploys('local', 'hello'),
  config: keys.config('local', 'hello'),
  'shared config': keys.config('local', undefined),
  consumers: keys.consumersOf('hello'),
  tokens: keys.tokens,
  locks: keys.locks,
  audit: keys.auditEntries,
}

/** Every command that only reads, and the kinds of records that it must say it left out. */
const readers: [line: string, kinds: string[]][] = [
  ['audit', []],
  ['catalog diff', ['environments', 'hosts']],
  [
    'catalog export',
    ['services', 'releases', 'environments', 'hosts', 'bindings', 'instances', 'config', 'consumers'],
  ],
  ['catalog show', []],
  ['check', ['services', 'consumers']],
  ['config diff hello --from local --to other', ['config']],
  ['config list hello', ['config', 'shared config']],
  ['consumers list', ['consumers']],
  ['doctor', []],
  ['environments list', ['environments']],
  ['environments show local', []],
  ['graph', ['services', 'consumers']],
  ['hosts list', ['hosts']],
  ['hosts show localhost', []],
  ['instances list', ['instances']],
  ['instances list hello', ['instances']],
  ['lock list', []],
  ['logs tail hello --no-follow', []],
  ['releases list hello', ['releases']],
  ['services export --format backstage', ['services']],
  ['services list', ['services', 'bindings', 'agents']],
  ['services show hello', ['instances']],
  ['status', []],
  ['tokens list', ['tokens']],
]

describe('a catalog that somebody else wrote into', () => {
  const sandbox = new Sandbox()

  beforeAll(async () => {
    const service = new PlainService(sandbox, 'hello')
    await sandbox.mustRun(['register'], {cwd: service.root})
    await sandbox.mustRun(['environments', 'add', 'other'])
    writeFileSync(path.join(sandbox.home, 'yard.yaml'), 'environments: {local: {}, other: {}}\n')
    await plant(path.join(sandbox.state, 'catalog.db'))
  })
  afterAll(() => sandbox.dispose())

  test.each(readers)('yard %s answers, and names what it left out', async (line, kinds) => {
    const plain = await sandbox.yard(line.split(' '))
    const asJson = await sandbox.yard([...line.split(' '), '--json'])
    expect({code: plain.code, end: plain.stderr.slice(-2_000)}).toMatchObject({code: 0})
    expect(asJson.code).toBe(0)
    if (!line.startsWith('logs tail')) expect(JSON.parse(asJson.stdout)).toBeDefined()
    const said = plain.stderr + plain.stdout
    for (const kind of kinds) expect(said).toContain(quoted(prefixes[kind] ?? ''))
    // Nothing of it reaches the terminal as it is.
    expect(said).not.toMatch(/[\u202e\u001b]/)
  })

  test('whoever reads warnings late gets all of them', async () => {
    const words = ['-e', lateReader, process.execPath, program, 'catalog', 'export']
    const options = {cwd: sandbox.home, env: sandbox.env}
    const {stdout} = await promisify(execFile)(process.execPath, words, options)

    expect(stdout).toContain(quoted(keys.services))
  })

  test('changing what is sound still works, and deletes none of it', async () => {
    const before = await keysOf(sandbox)
    await sandbox.mustRun(['config', 'set', 'hello', 'COLOR=red'])
    await sandbox.mustRun(['hosts', 'add', 'web-1', '--env', 'other', '--address', '10.0.0.1'])
    const after = await keysOf(sandbox)
    expect(before.filter((key) => !after.includes(key))).toEqual([])
  })
})

/** Each kind of record under each hostile name, with the kinds of content taking turns. */
async function plant(file: string): Promise<void> {
  const store = await openSqliteStore({file})
  await ensureLocalEnvironment(new Catalog(store))
  const contents = Object.values(values)
  for (const [index, prefix] of Object.values(prefixes).entries()) {
    const writes = names.map((name, turn) => ({
      put: prefix + name,
      value: contents[(index + turn) % contents.length] ?? '',
    }))
    await store.transact([], writes)
  }
  await store.close()
}

async function keysOf(sandbox: Sandbox): Promise<string[]> {
  const store = await openSqliteStore({file: path.join(sandbox.state, 'catalog.db')})
  const {entries} = await store.range('')
  await store.close()
  return entries.map(({key}) => key)
}

/** How a key that begins so looks in a message. */
function quoted(prefix: string): string {
  return `"${prefix}`
}
