import {execFileSync} from 'node:child_process'
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from '@jest/globals'

import {type RemoteShellSettings, SshRemoteShell} from '../../../src/adapters/shell-ssh/index.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {makeKey, type Sshd, startSshd} from '../../support/ssh/sshd.js'

const missing = sshdMissing()

if (missing !== undefined) test.skip(`R4 host keys (skipped: ${missing})`, () => undefined)
else describe('R4 a machine is trusted by its host key', hostKeys)

function hostKeys(): void {
  let sshd: Sshd
  let config: string
  let knownHosts: string
  const shells: SshRemoteShell[] = []

  beforeAll(async () => {
    sshd = await startSshd({keyTypes: ['ed25519', 'ecdsa', 'rsa']})
    config = path.join(sshd.directory, 'ssh_config')
    knownHosts = path.join(sshd.directory, 'known_hosts')
    const lines = [`UserKnownHostsFile ${knownHosts}`, 'GlobalKnownHostsFile /dev/null']
    writeFileSync(config, `${lines.join('\n')}\n`)
  })
  beforeEach(() => {
    writeFileSync(knownHosts, '', {mode: 0o600})
  })
  afterEach(async () => {
    await Promise.all(shells.splice(0).map((shell) => shell.close()))
  })
  afterAll(() => sshd.remove())

  function open(changes: Partial<RemoteShellSettings> = {}): SshRemoteShell {
    const shell = new SshRemoteShell(sshd.settings({configFile: config, pinnedKeys: [], ...changes}))
    shells.push(shell)
    return shell
  }

  function use(shell: SshRemoteShell): Promise<{outcome: string}> {
    return shell.run({file: 'true', args: [], deadlineMillis: 10_000})
  }

  const refused = (verdict: string) => ({code: 'E_HOST_KEY', details: {verdict}})
  const [ed25519, ecdsa, rsa] = [0, 1, 2]
  const place = () => `[${sshd.address}]:${sshd.port}`
  const key = (index: number) => sshd.hostKeys[index]!

  function otherKey(type: string): string {
    const file = path.join(sshd.directory, `other-${type}-${Math.random().toString(36).slice(2)}`)
    makeKey(type, file)
    return execFileSync('ssh-keygen', ['-y', '-f', file]).toString().split(' ').slice(0, 2).join(' ').trim()
  }

  test('that is pinned in the catalog, whichever type it has', async () => {
    for (const index of [ed25519, ecdsa, rsa]) {
      const shell = open({pinnedKeys: [key(index)]})
      expect((await use(shell)).outcome).toBe('succeeded')
      expect(shell.newHostKey).toBeUndefined()
    }
  })

  test('and not when nothing is known of it, unless that was asked for: then it is told and held on to', async () => {
    await expect(use(open())).rejects.toMatchObject(refused('unknown'))

    const shell = open({acceptsNewKey: true})
    expect((await use(shell)).outcome).toBe('succeeded')
    expect(sshd.hostKeys).toContain(shell.newHostKey)
  })

  test('and never when another key is known, even when a new one would be taken', async () => {
    for (const pinnedKeys of [[otherKey('ed25519')], [otherKey('rsa')]]) {
      await expect(use(open({pinnedKeys, acceptsNewKey: true}))).rejects.toMatchObject(refused('changed'))
    }
    writeFileSync(knownHosts, `${place()} ${otherKey('ed25519')}\n`)
    await expect(use(open({acceptsNewKey: true}))).rejects.toMatchObject(refused('changed'))
  })

  test('and what the catalog has pinned counts for more than known_hosts', async () => {
    writeFileSync(knownHosts, `${place()} ${key(ed25519)}\n`)

    await expect(use(open({pinnedKeys: [otherKey('ed25519')]}))).rejects.toMatchObject(refused('changed'))
  })

  test('also in known_hosts: with its port, hashed, of another type, among others', async () => {
    writeFileSync(knownHosts, `${place()} ${key(rsa)}\n`)
    expect((await use(open())).outcome).toBe('succeeded')

    writeFileSync(knownHosts, `other.example.org ${otherKey('rsa')}\n${place()} ${key(ecdsa)}\n`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', knownHosts], {stdio: 'ignore'})
    expect((await use(open())).outcome).toBe('succeeded')

    writeFileSync(knownHosts, `${sshd.address} ${key(ed25519)}\n`)
    await expect(use(open())).rejects.toMatchObject(refused('unknown'))
  })

  test('and not when known_hosts has it revoked', async () => {
    writeFileSync(knownHosts, `@revoked ${place()} ${key(ed25519)}\n`)

    await expect(use(open({acceptsNewKey: true}))).rejects.toMatchObject(refused('revoked'))
  })

  test('and not when known_hosts cannot be read', async () => {
    const unreadable = path.join(sshd.directory, 'unreadable')
    // A directory can't be read as a file by root either.
    mkdirSync(unreadable, {recursive: true})
    writeFileSync(`${config}2`, `UserKnownHostsFile ${unreadable}\nGlobalKnownHostsFile /dev/null\n`)
    chmodSync(`${config}2`, 0o600)

    await expect(use(open({configFile: `${config}2`, acceptsNewKey: true}))).rejects.toMatchObject(
      refused('unreadable'),
    )
  })

  test('and not when its key was changed since', async () => {
    const pinned = [key(ed25519)]
    const moving = await startSshd()
    const before = [...moving.hostKeys]
    await moving.kill()
    moving.makeHostKeys(['ed25519'])
    await moving.start()
    const shell = new SshRemoteShell(moving.settings({pinnedKeys: before}))
    try {
      await expect(use(shell)).rejects.toMatchObject(refused('changed'))
      expect(pinned).not.toEqual(before)
    } finally {
      await shell.close()
      await moving.remove()
    }
  })

  test('and not when it has no key of the type that is known', async () => {
    const only = await startSshd({keyTypes: ['ed25519']})
    const shell = new SshRemoteShell(only.settings({pinnedKeys: [key(rsa)], acceptsNewKey: true}))
    try {
      await expect(use(shell)).rejects.toMatchObject(refused('other-type'))
    } finally {
      await shell.close()
      await only.remove()
    }
  })
}
