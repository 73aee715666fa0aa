import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {freePorts} from '../../support/free-port.js'
import {findHaproxy} from '../../../src/adapters/router-host-local/index.js'
import {SshRouterHost} from '../../../src/adapters/router-host-ssh/index.js'
import {SshRemoteShell} from '../../../src/adapters/shell-ssh/index.js'
import {keys} from '../../../src/catalog/keys.js'
import HostsShow from '../../../src/commands/hosts/show.js'
import Push from '../../../src/commands/push.js'
import {DirectoryHere} from '../../fakes/directory-here.js'
import {aBinding, aHost, anEnvironment, anInstance, aService} from '../../fakes/records.js'
import {plantRecords, runCommand} from '../../fakes/run-command.js'
import {Upstream} from '../../fakes/upstream.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {type Sshd, startSshd} from '../../support/ssh/sshd.js'

const found = await findHaproxy({
  override: process.env['YARD_HAPROXY'],
  searchPath: (process.env['PATH'] ?? '').split(path.delimiter),
}).catch(() => undefined)
const missing = sshdMissing() ?? (found === undefined ? 'haproxy is not installed' : undefined)

if (missing !== undefined) test.skip(`yard push over SSH (skipped: ${missing})`, () => undefined)
else describe('yard push over SSH', pushCommand)

function pushCommand(): void {
  const here = new DirectoryHere()
  const variables = ['YARD_HOST_ROOT', 'YARD_HOST_HAPROXY', 'YARD_SSH_CONFIG']
  let before: (string | undefined)[]
  let root: string
  let sshd: Sshd
  let upstream: Upstream
  let port: number

  beforeEach(async () => {
    root = mkdtempSync(path.join(tmpdir(), 'yc-'))
    sshd = await startSshd()
    upstream = await Upstream.start()
    ;[port = 0] = await freePorts(1)
    const config = path.join(sshd.directory, 'ssh_config')
    writeFileSync(
      config,
      `UserKnownHostsFile ${sshd.directory}/known_hosts\nGlobalKnownHostsFile /dev/null\n`,
    )
    before = variables.map((name) => process.env[name])
    process.env['YARD_HOST_ROOT'] = root
    process.env['YARD_HOST_HAPROXY'] = found!.file
    process.env['YARD_SSH_CONFIG'] = config
    mkdirSync(here.state, {recursive: true})
    writeFileSync(
      path.join(here.state, 'yard.yaml'),
      `ssh:\n  port: ${sshd.port}\n  user: ${sshd.settings().user!}\n  identityFile: ${sshd.identityFile}\n`,
    )
    const router = {address: '127.0.0.1', port, header: 'Yard-Service'}
    const instance = anInstance({environment: 'staging', host: 'web-1', port: upstream.port})
    await plantRecords(here.state, {
      [keys.environment('staging')]: anEnvironment({router}),
      [keys.host('staging', 'web-1')]: aHost({address: '127.0.0.1'}),
      [keys.service('hello')]: aService(),
      [keys.binding('staging', 'hello')]: aBinding(),
      [keys.instance('staging', 'hello', instance.id)]: instance,
    })
  })

  afterEach(async () => {
    for (const [index, name] of variables.entries()) {
      // An empty one counts for none.
      process.env[name] = before[index] ?? ''
    }
    process.exitCode = 0
    const shell = new SshRemoteShell(sshd.settings())
    const places = {
      directory: path.join(root, 'web-1', 'haproxy'),
      adminSocket: path.join(root, 'web-1', 'run', 'haproxy.sock'),
      masterSocket: path.join(root, 'web-1', 'run', 'haproxy-master.sock'),
    }
    await new SshRouterHost({shell, places}).stopHaproxy()
    await shell.close()
    await sshd.remove()
    await upstream.stop()
    rmSync(root, {recursive: true, force: true})
  })

  const run = (...flags: string[]) =>
    runCommand(
      Push,
      ['--env', 'staging', '--platform', path.join(here.state, 'yard.yaml'), '--yes', ...flags],
      here.state,
    )

  test('plans, pushes, pins the key, and then there is nothing to do', async () => {
    const unknown = await run('--plan')
    expect([process.exitCode, unknown.stdout]).toEqual([1, expect.stringContaining('E_HOST_KEY')])
    process.exitCode = 0
    const plan = await run('--plan', '--accept-new-host-key')
    expect(plan.stdout).toContain(`new service hello: + 127.0.0.1:${upstream.port}`)

    const pushed = await run('--accept-new-host-key')

    expect([pushed.error, process.exitCode]).toEqual([undefined, 0])
    expect(pushed.stdout).toContain('web-1: its SSH key is pinned in the catalog now: ssh-ed25519 ')
    expect(pushed.stdout).toContain('✓ 1 host of staging has revision ')
    const response = await fetch(`http://127.0.0.1:${port}/`, {headers: {'Yard-Service': 'hello'}})
    expect(response.status).toBe(200)
    const shown = await runCommand(HostsShow, ['web-1', '--env', 'staging', '--json'], here.state)
    expect(shown.error).toBeUndefined()
    expect((await run('--plan')).stdout).toContain('web-1: nothing would change')
    const again = await run('--json')
    expect(JSON.parse(again.stdout)).toMatchObject({hosts: [{host: 'web-1', outcome: 'unchanged'}]})

    await sshd.kill()
    sshd.makeHostKeys(['ed25519'])
    await sshd.start()
    const changed = await run('--accept-new-host-key')
    expect(changed.stdout).toContain('it shows another key than the one in the catalog')
  })
}
