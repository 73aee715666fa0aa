import {execFileSync, spawnSync} from 'node:child_process'
import {appendFileSync, readFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {openSqliteStore} from '../../src/adapters/store-sqlite/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {PlainService} from './support/plain-service.js'
import {packageRoot, Sandbox} from './support/sandbox.js'

interface Manifest {
  commands: Record<string, {id: string; examples: string[]}>
}

const manifest = JSON.parse(readFileSync(path.join(packageRoot, 'oclif.manifest.json'), 'utf8')) as Manifest

/** Left to tests of their own, which have free ports, hosts that can be reached, or a deploy that stopped halfway. */
const elsewhere = [
  ...['up', 'down', 'serve', 'push', 'sidecar:run', 'sidecar:status'],
  ...['host:setup', 'fleet:up', 'fleet:down', 'deploy:abort', 'deploy:resume', 'promote'],
]

/** As a user types them. */
const examples = Object.values(manifest.commands)
  .filter(({id}) => !elsewhere.includes(id))
  .flatMap(({examples, id}) =>
    examples.map((example) =>
      example.replaceAll('<%= config.bin %>', 'yard').replace('<%= command.id %>', id.replaceAll(':', ' ')),
    ),
  )

/** What the examples speak of. */
const presets = [
  'init',
  'environments add staging',
  'environments add review',
  'hosts add web-1 --env staging --address 10.0.0.11',
  'hosts add web-9 --env staging --address 10.0.0.19',
  'hosts add edge-1 --env staging --address 10.0.0.5 --edge',
  'routes add billing --public shop.example.org --env staging',
  'routes add billing --public shop.example.org/api --env staging',
  'config set hello LOG_LEVEL=info GREETING=Hello',
  'config set --shared LOG_LEVEL=info',
]

describe('the examples in the help texts', () => {
  const sandbox = new Sandbox()
  let service: PlainService

  beforeAll(async () => {
    service = new PlainService(sandbox, 'hello')
    service.write(
      'smoke/orders.hurl',
      'GET {{base_url}}/?user={{user}}\n[Options]\nvariable: user=bob\nHTTP 200\n',
    )
    service.write(
      '.gitignore',
      '.smoke-secrets\nreport.xml\ncatalog.json\ncatalog-info.yaml\ngraph.svg\nrendered\nunits\n',
    )
    service.commit('orders')
    service.write('.smoke-secrets', 'token=sesame\n')
    execFileSync('git', ['tag', 'v1.4.0'], {cwd: service.root})
    await sandbox.up()
    await sandbox.mustRun(['register'], {cwd: service.root})
    for (let release = 1; release <= 4; release++) await sandbox.mustRun(['deploy'], {cwd: service.root})
    for (const name of ['billing', 'identity', 'old-billing'])
      await sandbox.mustRun(['register'], {cwd: new PlainService(sandbox, name).root})
    for (const line of presets) await sandbox.mustRun(line.split(' '))
    await plant(path.join(sandbox.state, 'catalog.db'))
    const {stdout} = await sandbox.mustRun(['services', 'export'])
    service.write('catalog-info.yaml', stdout)
    const file = path.join(sandbox.home, 'yard.yaml')
    appendFileSync(file, 'environments: {testing: {hosts: {test-1: {address: 10.9.0.1}}}}\n')
  })
  afterAll(() => sandbox.dispose())

  test.each(examples)('%s', async (example) => {
    // Live logs go on for ever; the example is the same up to that.
    const isLive = example.startsWith('yard logs tail') && !example.includes('--no-follow')
    const typed = isLive ? `${example} --no-follow` : example
    // Other examples deploy and roll back: which instance is live is known only now.
    const [live] = typed.includes('hello-r4@') ? await sandbox.instances() : []
    const line = live === undefined ? typed : typed.replace('hello-r4@localhost', live.id)
    const needsServices = line.includes('--dir services') ? 'mkdir services && ' : ''
    const program = path.join(packageRoot, 'bin/run.js')
    const script = `yard() { "${process.execPath}" "${program}" "$@"; }; ${needsServices}${line}`
    const cwd = line.includes('generate') ? sandbox.home : service.root
    const cleanUp = line.includes('generate') ? `rm -rf billing services; ` : ''
    const ended = spawnSync('bash', ['-c', cleanUp + script], {cwd, env: sandbox.env, encoding: 'utf8'})
    expect({status: ended.status, stderr: ended.stderr}).toMatchObject({status: 0})
  })
})

/** A lock of somebody who is gone, and an environment that faces the outside. */
async function plant(file: string): Promise<void> {
  const catalog = new Catalog(await openSqliteStore({file}))
  const name = 'deploy/staging/billing'
  const lock = {
    v: 1 as const,
    name,
    holder: 'ada@laptop',
    host: 'laptop',
    pid: 4_711,
    processStartedAt: '1',
    purpose: 'deploy billing to staging',
    since: '2026-11-20T12:00:00.000Z',
  }
  const key = keys.environment('staging')
  const staging = await catalog.environments.get(key)
  if (staging === undefined) throw new Error('there is no staging')
  const edge = {httpPort: 80, redirect: false, maxBodyBytes: 1_000_000}
  await catalog.commit(
    'test',
    [],
    [catalog.locks.put(keys.lock(name), lock), catalog.environments.put(key, {...staging.record, edge})],
  )
  await catalog.store.close()
}
