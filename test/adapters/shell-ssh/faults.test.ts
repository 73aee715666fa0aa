import {mkdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import ssh2 from 'ssh2'

import {SshRouterHost} from '../../../src/adapters/router-host-ssh/index.js'
import {type SshRemoteShell} from '../../../src/adapters/shell-ssh/index.js'
import {type RemoteResult} from '../../../src/contracts/remote-shell.js'
import {networkMissing, startHosts} from '../../support/network/hosts.js'
import {makeIdentity, startSshdOn} from '../../support/network/sshd.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {shellsOf, until} from '../../support/ssh/shells.js'
import {type Sshd, startSshd} from '../../support/ssh/sshd.js'

const {Server} = ssh2
const missing = sshdMissing()
const noNetwork = networkMissing()
const limited = memoryGroup()
const halfMinute = 30_000

if (missing !== undefined) test.skip(`D8 a command that was killed (skipped: ${missing})`, () => undefined)
else describe('D8', killed)

function killed(): void {
  let sshd: Sshd

  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(async () => {
    limited?.remove()
    await sshd.remove()
  })

  const open = shellsOf(() => sshd)
  /** Says its number on stdout, then sleeps. */
  const sleeper = (seconds = 90) => ({
    file: 'sh',
    args: ['-c', 'echo $$; exec sleep "$1"', 'sh', String(seconds)],
  })

  /** A command and a program that runs on, on one connection; returns once both are at work. */
  async function atWork(shell: SshRemoteShell) {
    const lines: string[] = []
    const program = await shell.stream(sleeper(), {onLine: (line) => void lines.push(line)})
    const running = shell.run({...sleeper(), deadlineMillis: 90_000})
    await until('it says its number', () => lines.length > 0)
    await shell.run({file: 'true', args: [], deadlineMillis: 10_000})
    return {pid: Number(lines[0]), ended: Promise.all([running, program.ended])}
  }

  async function withFrail(
    use: (frail: Sshd) => Promise<void>,
    config: readonly string[] = [],
  ): Promise<void> {
    const frail = await startSshd({config})
    try {
      await use(frail)
    } finally {
      for (const pid of [frail.listener(), ...frail.connections()]) continued(pid)
      await frail.remove()
    }
  }

  test.each(['KILL', 'TERM', 'SEGV'])('D8 a command that is ended by SIG%s has failed', async (name) => {
    const lines: string[] = []
    const program = await open().stream(sleeper(), {onLine: (line) => void lines.push(line)})
    await until('it says its number', () => lines.length > 0)
    process.kill(Number(lines[0]), `SIG${name}`)
    expect(await program.ended).toMatchObject({outcome: 'failed', signal: `SIG${name}`})

    const script = `kill -${name} $$`
    const result = await open().run({file: 'sh', args: ['-c', script], deadlineMillis: 10_000})
    expect(result).toMatchObject({outcome: 'failed', signal: `SIG${name}`})
    expect(result.exitCode).toBeUndefined()
  })

  if (limited === undefined) {
    test.skip('D8 a command that used up the memory has failed (skipped: no cgroup with a limit can be made)', () =>
      undefined)
  } else {
    test('D8 a command that used up the memory has failed', async () => {
      const result = await open().run({
        file: 'sh',
        args: ['-c', 'echo $$ >"$1" && exec tail /dev/zero', 'sh', limited.joinFile],
        deadlineMillis: halfMinute,
      })
      expect(result).toMatchObject({outcome: 'failed', signal: 'SIGKILL'})
    })
  }

  test('D8 when the process that serves the connection is killed, what ran is lost, and later commands run', async () => {
    await withFrail(async (frail) => {
      const shell = open({}, frail)
      const {ended} = await atWork(shell)
      for (const pid of frail.connections()) process.kill(pid, 'SIGKILL')

      expect(outcomes(await ended)).toEqual(['lost', 'lost'])
      const {stdout} = await shell.run({file: 'echo', args: ['again'], deadlineMillis: 10_000})
      expect(stdout).toBe('again\n')
    })
  })

  test('D8 when the sshd is killed and started again, what ran is lost, and later commands run', async () => {
    await withFrail(async (frail) => {
      const shell = open({}, frail)
      const {ended} = await atWork(shell)
      await frail.kill()
      await frail.start()

      expect(outcomes(await ended)).toEqual(['lost', 'lost'])
      expect((await shell.run({file: 'true', args: [], deadlineMillis: 10_000})).outcome).toBe('succeeded')
    })
  })

  test('D8 a channel that closes without saying how it ended is no success', async () => {
    const vague = new Server(
      {hostKeys: [readFileSync(path.join(sshd.directory, 'host_ed25519'))]},
      (client) => {
        client.on('error', () => undefined)
        client.on('authentication', (context) => context.accept())
        client.on('session', (accept) => {
          accept().on('exec', (answer, _, {command}) => {
            const channel = answer()
            channel.write(`${/yard-[0-9a-f]+/.exec(command)?.[0] ?? ''} 1\nall is well\n`)
            channel.close()
          })
        })
      },
    )
    await new Promise<void>((resolve) => vague.listen(0, '127.0.0.1', resolve))
    try {
      const shell = open({port: (vague.address() as {port: number}).port})
      const result = await shell.run({file: 'true', args: [], deadlineMillis: 10_000})
      expect(result).toMatchObject({outcome: 'lost', stdout: 'all is well\n'})
      expect((await (await shell.stream({file: 'true', args: []})).ended).outcome).toBe('lost')
    } finally {
      vague.close()
    }
  })

  test('D8 a machine that goes silent is given up within half a minute, and the error names it and the step', async () => {
    await withFrail(async (frail) => {
      const shell = open({}, frail)
      const router = new SshRouterHost({shell})
      const {ended} = await atWork(shell)
      const started = Date.now()
      for (const pid of [frail.listener(), ...frail.connections()]) process.kill(pid, 'SIGSTOP')
      const asked = router.installed().catch((error: unknown) => error)
      // The system accepts connections, and nobody answers on them.
      const begun = open({}, frail)
        .stream(sleeper())
        .catch((error: unknown) => error)

      expect(outcomes(await ended)).toEqual(['lost', 'lost'])
      expect(await asked).toMatchObject({
        code: 'E_HOST_UNREACHABLE',
        what: expect.stringContaining('web-1'),
        details: {host: 'web-1', step: expect.stringMatching(/^[a-z-]+$/)},
      })
      expect(await begun).toMatchObject({
        code: 'E_HOST_UNREACHABLE',
        why: "it doesn't answer in time",
        details: {host: 'web-1'},
      })
      expect(Date.now() - started).toBeLessThan(halfMinute)
    })
  })

  if (noNetwork !== undefined) {
    test.skip(`D8 a network that goes silent (skipped: ${noNetwork})`, () => undefined)
  } else {
    test('D8 a network that swallows everything is noticed within half a minute', async () => {
      const network = await startHosts({count: 1})
      const [host] = network.hosts
      try {
        await startSshdOn(host!, makeIdentity(host!, '/run/key'))
        const hostKey = readFileSync(host!.path('/run/sshd/host_key.pub'), 'utf8')
        const shell = open({
          connectMillis: 5_000,
          port: await network.door(`${host!.address}:22`),
          identityFile: host!.path('/run/key'),
          pinnedKeys: [hostKey.split(' ').slice(0, 2).join(' ').trim()],
        })
        const {ended} = await atWork(shell)
        const started = Date.now()
        const away = await host!.run('ip', ['route', 'add', 'blackhole', '10.77.0.1/32'])
        expect(away).toMatchObject({code: 0})

        expect(outcomes(await ended)).toEqual(['lost', 'lost'])
        expect(Date.now() - started).toBeLessThan(halfMinute)
        const again = Date.now()
        await expect(shell.run({file: 'true', args: [], deadlineMillis: 10_000})).rejects.toMatchObject({
          code: 'E_HOST_UNREACHABLE',
          details: {host: 'web-1'},
        })
        expect(Date.now() - again).toBeLessThan(halfMinute)
        await host!.run('ip', ['route', 'del', 'blackhole', '10.77.0.1/32'])
        // What was found out is believed for a while.
        const isBack = () =>
          shell.run({file: 'true', args: [], deadlineMillis: 20_000}).then(
            ({outcome}) => outcome === 'succeeded',
            () => false,
          )
        await until('it is reached again', isBack, halfMinute)
      } finally {
        await network.stop()
      }
    })
  }
}

function continued(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT')
  } catch {
    // It was killed.
  }
}

function outcomes(results: readonly RemoteResult[]): string[] {
  return results.map(({outcome}) => outcome)
}

/** Whatever joins it may use little memory; undefined where there are none. */
function memoryGroup(): {joinFile: string; remove: () => void} | undefined {
  for (const [root, limit] of [
    ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes'],
    ['/sys/fs/cgroup', 'memory.max'],
  ] as const) {
    const directory = path.join(root, `yard-test-${process.pid}`)
    try {
      mkdirSync(directory)
      writeFileSync(path.join(directory, limit), String(20 * 1024 * 1024))
      return {joinFile: path.join(directory, 'cgroup.procs'), remove: () => rmdirSync(directory)}
    } catch {
      try {
        rmdirSync(directory)
      } catch {
        // It never came to be.
      }
    }
  }
  return undefined
}
