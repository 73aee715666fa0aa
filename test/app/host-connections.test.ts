import {writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from '@jest/globals'

import {HostConnections, type HostConnectionsWorld} from '../../src/app/host-connections.js'
import {type Host} from '../../src/domain/environment.js'
import {type Platform} from '../../src/domain/platform-file.js'
import {aHost} from '../fakes/records.js'
import {sshdMissing} from '../support/ssh/missing.js'
import {until} from '../support/ssh/shells.js'
import {type Sshd, startSshd} from '../support/ssh/sshd.js'

const missing = sshdMissing()

if (missing !== undefined) test.skip(`connections to hosts (skipped: ${missing})`, () => undefined)
else describe('connections to hosts', connections)

function connections(): void {
  const before = process.env['YARD_SSH_CONFIG']
  let sshd: Sshd
  let open: HostConnections[] = []

  beforeAll(async () => {
    sshd = await startSshd()
    const config = path.join(sshd.directory, 'ssh_config')
    writeFileSync(config, `UserKnownHostsFile /dev/null\nGlobalKnownHostsFile /dev/null\nPort ${sshd.port}\n`)
  })
  beforeEach(() => {
    process.env['YARD_SSH_CONFIG'] = path.join(sshd.directory, 'ssh_config')
  })
  afterEach(async () => {
    process.env['YARD_SSH_CONFIG'] = before ?? ''
    await Promise.all(open.map((hosts) => hosts.close()))
    open = []
    await until('all connections have ended', () => sshd.connections().length === 0)
  })
  afterAll(() => sshd.remove())

  function connect(
    ssh: Partial<Platform['ssh']> = {},
    own?: {user: string; identityFile: string},
  ): HostConnections {
    const world: HostConnectionsWorld = {
      platform: () =>
        Promise.resolve({
          file: path.join(sshd.directory, 'yard.yaml'),
          ssh: {identityFile: 'id', ...ssh},
        } as Platform),
      practiceIdentity: () => own,
    }
    const hosts = new HostConnections(world)
    open.push(hosts)
    return hosts
  }

  const host = (changes: Partial<Host> = {}): Host =>
    aHost({name: 'web-1', address: sshd.address, sshKeys: sshd.hostKeys, ...changes})
  const whoami = {file: 'id', args: ['-un'], deadlineMillis: 10_000}
  const me = () => sshd.settings().user!

  const logins = () => sshd.log().split('Accepted publickey').length

  async function expectLogins(count: number): Promise<void> {
    await until('the sshd says so', () => logins() >= count)
    expect(logins()).toBe(count)
  }

  test('whoever works on a machine shares one, which stays open until all are closed', async () => {
    const hosts = connect()
    const count = logins()
    const shells = await Promise.all([hosts.shell(host()), hosts.shell(host()), hosts.shell(host())])

    const results = await Promise.all(shells.map((shell) => shell.run(whoami)))
    expect(results.map(({stdout}) => stdout.trim())).toEqual(Array(3).fill(me()))
    await shells[0].close()
    const again = await hosts.shell(host(), {acceptingCommand: 'yard push --accept-new-host-key'})
    expect((await again.run(whoami)).outcome).toBe('succeeded')
    await expectLogins(count + 1)

    await hosts.close()
    await expect(shells[1].run(whoami)).rejects.toMatchObject({code: 'E_HOST_UNREACHABLE'})
  })

  test('a key that was learned stays the key of the same one once it is pinned', async () => {
    const hosts = connect()
    const count = logins()
    const first = await hosts.shell(host({sshKeys: []}), {acceptsNewKey: true})
    await first.run(whoami)
    const pinned = await hosts.shell(host({sshKeys: [first.newHostKey!]}), {acceptsNewKey: true})
    await pinned.run(whoami)

    expect(sshd.hostKeys).toContain(first.newHostKey)
    await expectLogins(count + 1)
  })

  test('another user, another address and another environment have their own', async () => {
    const hosts = connect()
    const one = await hosts.shell(host())
    await one.run(whoami)

    const other = await hosts.shell(host(), {user: 'nobody-of-that-name'})
    await expect(other.run(whoami)).rejects.toMatchObject({code: 'E_HOST_AUTH'})
    const away = await hosts.shell(host({address: '127.0.0.9'}))
    await expect(away.run(whoami)).rejects.toMatchObject({code: 'E_HOST_UNREACHABLE'})
    const count = logins()
    await (await hosts.shell(host({environment: 'production'}))).run(whoami)
    await expectLogins(count + 1)
  })

  test('the user is that of the platform file, else that of the host, else that of ssh_config', async () => {
    const refused = (user: string) => ({code: 'E_HOST_AUTH', details: {user}})
    const trying = async (hosts: HostConnections, record: Host) => (await hosts.shell(record)).run(whoami)

    await expect(trying(connect({user: 'ada'}), host({user: 'yard'}))).rejects.toMatchObject(refused('ada'))
    await expect(trying(connect(), host({user: 'yard'}))).rejects.toMatchObject(refused('yard'))
    await expect(
      trying(connect({}, {user: 'of-the-fleet', identityFile: sshd.identityFile}), host()),
    ).rejects.toMatchObject(refused('of-the-fleet'))
    expect((await trying(connect(), host())).stdout.trim()).toBe(me())
  })

  test('a host of the practice fleet is reached without what the platform file says of others', async () => {
    const own = {user: me(), identityFile: sshd.identityFile}
    const hosts = connect({port: 1, identityFile: '/nonexistent', proxyJump: 'bastion'}, own)

    expect((await (await hosts.shell(host())).run(whoami)).stdout.trim()).toBe(me())
  })

  test('what to run at the first contact is told by whoever connects', async () => {
    const unknown = host({sshKeys: []})
    const hosts = connect()

    const pushed = await hosts.shell(unknown, {acceptingCommand: 'yard push --accept-new-host-key'})
    await expect(pushed.run(whoami)).rejects.toMatchObject({
      code: 'E_HOST_KEY',
      next: expect.arrayContaining([expect.stringContaining('yard push --accept-new-host-key ')]),
    })
    const deployed = await connect().shell(unknown)
    await expect(deployed.run(whoami)).rejects.toMatchObject({
      next: expect.arrayContaining([
        expect.stringContaining('yard host setup web-1 --accept-new-host-key --env staging '),
      ]),
    })
  })
}
