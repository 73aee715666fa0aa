import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {findHaproxy} from '../../../src/adapters/router-host-local/index.js'
import {keys} from '../../../src/catalog/keys.js'
import RenderHaproxy from '../../../src/commands/render/haproxy.js'
import {type RenderReport} from '../../../src/lifecycle/render/haproxy.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {aBinding, aHost, anEnvironment, anInstance, aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {type Sshd, startSshd} from '../../support/ssh/sshd.js'

const found = await findHaproxy({
  override: process.env['YARD_HAPROXY'],
  searchPath: (process.env['PATH'] ?? '').split(path.delimiter),
}).catch(() => undefined)
const missing = sshdMissing() ?? (found === undefined ? 'haproxy is not installed' : undefined)

if (missing !== undefined) test.skip(`yard render --diff over SSH (skipped: ${missing})`, () => undefined)
else describe('yard render --diff over SSH', renderDiff)

function renderDiff(): void {
  const here = new DirectoryHere()
  const variables = ['YARD_HOST_ROOT', 'YARD_HOST_HAPROXY', 'YARD_SSH_CONFIG']
  let before: (string | undefined)[]
  let root: string
  let sshd: Sshd

  beforeEach(async () => {
    root = mkdtempSync(path.join(tmpdir(), 'yd-'))
    sshd = await startSshd()
    before = variables.map((name) => process.env[name])
    process.env['YARD_HOST_ROOT'] = root
    process.env['YARD_HOST_HAPROXY'] = found?.file ?? ''
    process.env['YARD_SSH_CONFIG'] = 'none'
    const user = sshd.settings().user ?? ''
    here.declare('ssh:', `  port: ${sshd.port}`, `  user: ${user}`, `  identityFile: ${sshd.identityFile}`)
    await plantRecords(here.state, {
      [keys.environment('staging')]: anEnvironment(),
      [keys.host('staging', 'web-1')]: aHost({address: '127.0.0.1', sshKeys: sshd.hostKeys}),
      [keys.service('hello')]: aService(),
      [keys.binding('staging', 'hello')]: aBinding(),
      [keys.instance('staging', 'hello', 'hello-r1@web-1')]: anInstance({
        environment: 'staging',
        host: 'web-1',
      }),
    })
  })

  afterEach(async () => {
    for (const [index, name] of variables.entries()) {
      const value = before[index]
      if (value === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = value
    }
    await sshd.remove()
    rmSync(root, {recursive: true, force: true})
  })

  const compare = async () => {
    const line = ['--env', 'staging', '--host', 'web-1', '--diff', '--json']
    const {error, stdout} = await runCommand(RenderHaproxy, line, here.state)
    expect(error).toBeUndefined()
    return JSON.parse(stdout) as RenderReport
  }

  test('asks the host what it has, and shows what differs', async () => {
    const first = await compare()
    expect(first.haproxyVersion).toBe(found?.version)
    expect(first.differences?.map(({name}) => name)).toEqual(['haproxy.cfg', 'services.map'])

    const directory = path.join(root, 'web-1', 'haproxy')
    mkdirSync(directory, {recursive: true})
    for (const {name, text} of first.files) writeFileSync(path.join(directory, name), text)
    expect((await compare()).differences).toEqual([])

    writeFileSync(path.join(directory, 'services.map'), 'hello be_other\n')
    const [difference] = (await compare()).differences ?? []
    expect([difference?.name, difference?.lines.map(({kind}) => kind)]).toEqual([
      'services.map',
      ['removed', 'added'],
    ])
  })

  test('tells when the host can not be reached', async () => {
    await sshd.kill()
    const line = ['--env', 'staging', '--host', 'web-1', '--diff']
    const {error} = await runCommand(RenderHaproxy, line, here.state)
    expect(error).toMatchObject({code: 'E_HOST_UNREACHABLE', exitCode: 4})
  })
}
