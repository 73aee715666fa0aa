import {spawn} from 'node:child_process'
import {mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {SshSidecarHost} from '../../../src/adapters/router-host-ssh/index.js'
import {SshRemoteShell} from '../../../src/adapters/shell-ssh/index.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {type Sshd, startSshd} from '../../support/ssh/sshd.js'

const missing = sshdMissing()

if (missing !== undefined) test.skip(`a sidecar's files over SSH (skipped: ${missing})`, () => undefined)
else describe("a sidecar's files over SSH", shipping)

/** The machine has programs that only write down that they were run: nothing is started here. */
function shipping(): void {
  let root: string
  let sshd: Sshd
  let shell: SshRemoteShell
  let host: SshSidecarHost

  beforeEach(async () => {
    root = mkdtempSync(path.join(tmpdir(), 'ysc-'))
    const programs = path.join(root, 'programs')
    mkdirSync(programs)
    for (const name of ['systemctl', 'useradd']) program(name, `echo ${name} "$@" >> ${root}/calls`)
    program('node', 'echo v22.1.0')
    program('haproxy', 'true')
    const line = `PATH=${programs}:/usr/bin:/bin exec sh -c "$SSH_ORIGINAL_COMMAND"`
    sshd = await startSshd({loginShell: `#!/bin/sh\nexport PATH=${programs}:/usr/bin:/bin\n${line}\n`})
    shell = new SshRemoteShell(sshd.settings())
    host = new SshSidecarHost({shell, root})
  })

  afterEach(async () => {
    await shell.close()
    await sshd.remove()
    rmSync(root, {recursive: true, force: true})
  })

  function program(name: string, line: string): void {
    writeFileSync(path.join(root, 'programs', name), `#!/bin/sh\n${line}\n`, {mode: 0o755})
  }

  const calls = () => readFileSync(path.join(root, 'calls'), 'utf8').trim().split('\n')

  test('what the machine has is told', async () => {
    const programs = path.join(root, 'programs')
    const bare = {
      node: `${programs}/node`,
      nodeVersion: '22.1.0',
      haproxy: `${programs}/haproxy`,
      hasSystemd: false,
      isRoot: process.getuid?.() === 0,
      hasToken: false,
    }
    expect(await host.facts()).toEqual(bare)

    mkdirSync(path.join(root, 'run/systemd/system'), {recursive: true})
    mkdirSync(path.join(root, 'etc/yard'), {recursive: true})
    writeFileSync(path.join(root, 'etc/yard/token'), 'secret')
    program('node', 'exit 1')
    const {nodeVersion, ...rest} = bare
    expect(nodeVersion).toBe('22.1.0')
    expect(await host.facts()).toEqual({...rest, hasSystemd: true, hasToken: true})
  })

  test('files are written whole, and those that were there already are told from new ones', async () => {
    const files = [
      {path: '/usr/lib/yard/sidecar.mjs', text: `it's "$HOME" \\ \`id\`\n${'x'.repeat(600_000)}é`},
      {path: '/etc/systemd/system/yard-sidecar.service', text: '[Unit]\n'},
    ]

    expect(await host.install(files)).toEqual(files.map((file) => file.path))
    for (const file of files) expect(readFileSync(path.join(root, file.path), 'utf8')).toBe(file.text)
    expect(statSync(path.join(root, files[0]!.path)).mode & 0o777).toBe(0o644)
    expect(await host.install(files)).toEqual([])
    expect(await host.install([files[0]!, {...files[1]!, text: '[Service]\n'}])).toEqual([files[1]!.path])
  })

  test('systemd reads its units and starts the sidecar, now and with the machine', async () => {
    await host.start({restarts: true})
    await host.start({restarts: false})

    const starts = calls().filter((line) => line.includes('--no-block'))
    expect(starts).toEqual([
      'systemctl --no-block restart yard-sidecar.service',
      'systemctl --no-block start yard-sidecar.service',
    ])
    expect(calls().slice(0, 4)).toEqual([
      'systemctl daemon-reload',
      'systemctl enable --quiet yard-haproxy.path yard-sidecar.service',
      'systemctl is-active --quiet yard-haproxy.service',
      'systemctl start yard-haproxy.path',
    ])
  })

  test('somebody with sudo does it as root; without sudo it is told that they are not', async () => {
    program('id', 'if [ "${1:-}" != -u ]; then exec /usr/bin/id "$@"; fi; echo "${PRETENDED:-1000}"')
    expect(await host.facts()).toMatchObject({isRoot: false})

    program('sudo', `[ "$1" = -n ] || exit 1; shift; echo sudo "$1" >> ${root}/calls; PRETENDED=0 exec "$@"`)
    expect(await host.facts()).toMatchObject({isRoot: true})
    const file = {path: '/usr/lib/yard/sidecar.mjs', text: `it's "$HOME"\n${'x'.repeat(100_000)}`}
    expect(await host.install([file])).toEqual([file.path])
    expect(readFileSync(path.join(root, file.path), 'utf8')).toBe(file.text)
    await host.start({restarts: true})
    expect(calls().filter((line) => line === 'sudo sh')).toHaveLength(3)

    program('sudo', 'echo "a password is required" >&2; exit 1')
    expect(await host.facts()).toMatchObject({isRoot: false})
  })

  test('a HAProxy that a push started goes once the one of the unit is there, unless it is that one', async () => {
    // Found by its name and its master socket; any program will do for one.
    const haproxy = path.join(root, 'haproxy')
    symlinkSync('/usr/bin/perl', haproxy)
    const master = `${root}/run/yard/haproxy-master.sock`
    const child = spawn(haproxy, ['-e', 'sleep 60', '--', '-S', `${master},mode,600`], {stdio: 'ignore'})
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))
    try {
      await host.start({restarts: true})
      expect(child.signalCode).toBeNull()

      program('systemctl', `echo systemctl "$@" >> ${root}/calls; if [ "$1" = is-active ]; then exit 3; fi`)
      await host.start({restarts: true})
      expect(await ended).toBe('SIGUSR1')
      expect(calls()).toContain('systemctl start yard-haproxy.service')
    } finally {
      child.kill('SIGKILL')
    }
  })
}
