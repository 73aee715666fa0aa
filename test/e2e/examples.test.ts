import {execFileSync, spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {PlainService} from './support/plain-service.js'
import {packageRoot, Sandbox} from './support/sandbox.js'

interface Manifest {
  commands: Record<string, {id: string; examples: string[]}>
}

const manifest = JSON.parse(readFileSync(path.join(packageRoot, 'oclif.manifest.json'), 'utf8')) as Manifest

/** As a user types them; `up` and `down` are left to the tests of the environment, whose port is free. */
const examples = Object.values(manifest.commands)
  .filter(({id}) => id !== 'up' && id !== 'down')
  .flatMap(({examples, id}) =>
    examples.map((example) =>
      example.replace('<%= config.bin %>', 'yard').replace('<%= command.id %>', id.replaceAll(':', ' ')),
    ),
  )

describe('the examples in the help texts', () => {
  const sandbox = new Sandbox()
  let service: PlainService

  beforeAll(async () => {
    service = new PlainService(sandbox, 'hello')
    service.write(
      'smoke/orders.hurl',
      'GET {{base_url}}/?user={{user}}\n[Options]\nvariable: user=bob\nHTTP 200\n',
    )
    service.write('.gitignore', '.smoke-secrets\nreport.xml\n')
    service.commit('orders')
    service.write('.smoke-secrets', 'token=sesame\n')
    execFileSync('git', ['tag', 'v1.4.0'], {cwd: service.root})
    await sandbox.up()
    await sandbox.mustRun(['register'], {cwd: service.root})
    for (let release = 1; release <= 4; release++) await sandbox.mustRun(['deploy'], {cwd: service.root})
  }, 120_000)
  afterAll(() => sandbox.dispose(), 60_000)

  test.each(examples)(
    '%s',
    (example) => {
      // Live logs go on for ever; the example is the same up to that.
      const isLive = example.startsWith('yard logs tail') && !example.includes('--no-follow')
      const line = isLive ? `${example} --no-follow` : example
      const needsServices = line.includes('--dir services') ? 'mkdir services && ' : ''
      const program = path.join(packageRoot, 'bin/run.js')
      const script = `yard() { "${process.execPath}" "${program}" "$@"; }; ${needsServices}${line}`
      const cwd = line.includes('generate') ? sandbox.home : service.root
      const cleanUp = line.includes('generate') ? `rm -rf billing services; ` : ''
      const ended = spawnSync('bash', ['-c', cleanUp + script], {cwd, env: sandbox.env, encoding: 'utf8'})
      expect({status: ended.status, stderr: ended.stderr}).toMatchObject({status: 0})
    },
    120_000,
  )
})
