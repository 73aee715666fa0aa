import {execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterAll, afterEach, beforeAll, describe, expect, test} from '@jest/globals'

import {findHaproxy} from '../../../src/adapters/router-host-local/index.js'
import {SshRouterHost} from '../../../src/adapters/router-host-ssh/index.js'
import {SshRemoteShell} from '../../../src/adapters/shell-ssh/index.js'
import {routerHostContract} from '../../contracts/router-host.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {type Sshd, startSshd} from '../../support/ssh/sshd.js'

const found = await findHaproxy({
  override: process.env['YARD_HAPROXY'],
  searchPath: (process.env['PATH'] ?? '').split(path.delimiter),
}).catch(() => undefined)
const haproxy = found?.file
const loginShell =
  '#!/bin/sh\necho "*** welcome ***"\necho careful >&2\nexec dash -c "$SSH_ORIGINAL_COMMAND"\n'
const missing = sshdMissing() ?? (haproxy === undefined ? 'haproxy is not installed' : undefined)

if (missing !== undefined) test.skip(`HAProxy over SSH (skipped: ${missing})`, () => undefined)
else {
  describe('HAProxy over SSH', haproxyOverSsh)
  routerHostContract('a machine over SSH with a login shell that prints a banner', async () => {
    const sshd = await startSshd({loginShell})
    const root = mkdtempSync(path.join(tmpdir(), 'yrh-'))
    const shells: SshRemoteShell[] = []
    const open = async () => {
      const shell = new SshRemoteShell(sshd.settings())
      shells.push(shell)
      return hostIn(root, shell)
    }
    return {
      isLookedAfter: false,
      open,
      clear: async () => {
        await (await open()).stopHaproxy()
        await Promise.all(shells.map((shell) => shell.close()))
        await sshd.remove()
        rmSync(root, {recursive: true, force: true})
      },
    }
  })
}

function hostIn(
  root: string,
  shell: SshRemoteShell,
  directory = path.join(root, 'lib', 'haproxy'),
): SshRouterHost {
  return new SshRouterHost({
    shell,
    haproxy: haproxy!,
    places: {
      directory,
      adminSocket: path.join(root, 'run', 'haproxy.sock'),
      masterSocket: path.join(root, 'run', 'haproxy-master.sock'),
    },
  })
}

function haproxyOverSsh(): void {
  let sshd: Sshd
  let shell: SshRemoteShell
  const made: {host: SshRouterHost; root: string}[] = []

  beforeAll(async () => {
    sshd = await startSshd({
      loginShell:
        '#!/bin/sh\necho "*** welcome ***"\necho careful >&2\nexec dash -c "$SSH_ORIGINAL_COMMAND"\n',
    })
    shell = new SshRemoteShell(sshd.settings())
  })
  afterEach(async () => {
    for (const {host, root} of made.splice(0)) {
      await host.stopHaproxy()
      rmSync(root, {recursive: true, force: true})
    }
  })
  afterAll(async () => {
    await shell.close()
    await sshd.remove()
  })

  function newHost(directory?: string): SshRouterHost {
    const root = mkdtempSync(path.join(tmpdir(), 'yrh-'))
    const host = hostIn(root, shell, directory)
    made.push({host, root})
    return host
  }

  test('a HAProxy that ends at once says why', async () => {
    const host = newHost()
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const {port} = server.address() as {port: number}
    await host.writeCandidate([file('haproxy.cfg', config(host, port))])
    await host.install()
    try {
      await expect(host.startHaproxy()).rejects.toMatchObject({
        code: 'E_HAPROXY_UNCONFIRMED',
        why: expect.stringMatching(/bind/),
      })
      expect((await host.lastLines()).join('\n')).toMatch(/bind/)
    } finally {
      server.close()
    }
  })

  const isRoot = process.getuid?.() === 0
  const onTinyDisk = isRoot ? test : test.skip
  onTinyDisk(
    `a full disk is told${isRoot ? '' : ' (skipped: only root can mount a small one)'}`,
    async () => {
      const disk = path.join(sshd.directory, 'disk')
      mkdirSync(disk)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk])
      try {
        const host = newHost(path.join(disk, 'haproxy'))
        await host.writeCandidate([file('haproxy.cfg', 'one\n')])
        await host.install()
        await expect(host.writeCandidate([file('haproxy.cfg', 'x'.repeat(100_000))])).rejects.toMatchObject({
          code: 'E_DISK_FULL',
        })
        expect(await host.installed()).toEqual(new Map([['haproxy.cfg', 'one\n']]))
      } finally {
        execFileSync('umount', [disk])
      }
    },
  )

  test('nothing is written through a link that somebody else put there', async () => {
    const host = newHost()
    const {directory} = host.places
    await host.writeCandidate([file('haproxy.cfg', 'one\n')])
    await host.install()
    const [target, elsewhere] = [path.join(sshd.directory, 'target'), path.join(sshd.directory, 'elsewhere')]
    writeFileSync(target, 'mine')
    mkdirSync(elsewhere, {recursive: true})
    for (const name of ['services.map.new', 'haproxy.out']) symlinkSync(target, path.join(directory, name))
    symlinkSync(elsewhere, path.join(directory, 'closed.map'))

    await host.replaceFile(file('services.map', 'a b\n'))
    await host.writeCandidate([file('haproxy.cfg', 'two\n'), file('closed.map', '')])
    await host.install()
    await host.startHaproxy().catch(() => undefined)

    expect(readFileSync(target, 'utf8')).toBe('mine')
    expect(readdirSync(elsewhere)).toEqual([])
    expect([...((await host.installed()) ?? new Map<string, string>())]).toEqual([
      ['haproxy.cfg', 'two\n'],
      ['closed.map', ''],
    ])
  })

  test('a place where nobody may write is told', async () => {
    const host = newHost('/proc/yard/haproxy')

    await expect(host.writeCandidate([file('haproxy.cfg', 'x')])).rejects.toMatchObject({
      code: expect.stringMatching(/E_PERMISSION|E_HOST_UNREACHABLE/),
    })
  })

  test('a host without HAProxy is told', async () => {
    const host = new SshRouterHost({shell, haproxy: '/no/haproxy'})

    await expect(host.haproxyVersion()).rejects.toMatchObject({code: 'E_HAPROXY_MISSING'})
  })
}

function file(name: string, text: string): {name: string; text: string} {
  return {name, text}
}

function config({places}: SshRouterHost, port: number): string {
  return [
    'global',
    `  stats socket ${places.adminSocket} mode 600 level admin`,
    'defaults',
    '  mode http',
    '  timeout client 1s',
    '  timeout server 1s',
    '  timeout connect 1s',
    'frontend x',
    `  bind 127.0.0.1:${port}`,
    '',
  ].join('\n')
}

test('a question that only reads is asked twice when the way there stalls; a command never is', async () => {
  const lines: string[] = []
  const shell = {
    host: 'web-1',
    askSocket: async (_path: string, line: string, {deadlineMillis}: {deadlineMillis: number}) => {
      lines.push(line)
      if (lines.length > 1) return 'Pid: 7\n'
      await new Promise((resolve) => setTimeout(resolve, deadlineMillis))
      return undefined
    },
    run: () => Promise.reject(new Error('nothing is run')),
    stream: () => Promise.reject(new Error('nothing is run')),
    forward: () => Promise.reject(new Error('nothing is forwarded')),
    close: async () => undefined,
  }
  const host = new SshRouterHost({shell, answerMillis: 20})

  expect(await host.ask('admin', 'show info')).toBe('Pid: 7\n')
  expect(lines).toEqual(['show info', 'show info'])
  lines.length = 0
  expect(await host.ask('admin', 'show info;disable server a/b')).toBeUndefined()
  expect(lines).toHaveLength(1)
})
