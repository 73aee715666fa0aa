import {randomBytes} from 'node:crypto'
import {existsSync, readFileSync, rmSync} from 'node:fs'
import {createServer} from 'node:net'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {type SshRemoteShell} from '../../../src/adapters/shell-ssh/index.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {shellsOf, until} from '../../support/ssh/shells.js'
import {type Sshd, startSshd} from '../../support/ssh/sshd.js'

const missing = sshdMissing()
const deadlineMillis = 20_000

if (missing !== undefined) test.skip(`programs over SSH (skipped: ${missing})`, () => undefined)
else describe('programs over SSH', programs)

function programs(): void {
  let sshd: Sshd

  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd.remove())

  const open = shellsOf(() => sshd)

  test('a program gets its arguments and its input, and its exit code and both outputs come back', async () => {
    const script = 'cat; printf "%s|" "$@"; echo oops >&2; exit 7'

    const result = await open().run({
      file: 'sh',
      args: ['-c', script, 'sh', 'a b', ''],
      input: 'in\n',
      deadlineMillis,
    })

    expect(result).toEqual({outcome: 'failed', exitCode: 7, stdout: 'in\na b||', stderr: 'oops\n'})
  })

  test('100 kB are one argument, a NUL is none, and what no shell could take is refused', async () => {
    const long = 'x'.repeat(100_000)

    expect((await open().run({file: 'printf', args: ['%s', long], deadlineMillis})).stdout).toBe(long)
    await expect(open().run({file: 'echo', args: ['a\0b'], deadlineMillis})).rejects.toMatchObject({
      code: 'E_USAGE',
    })
    await expect(open().run({file: 'echo', args: [long + long], deadlineMillis})).rejects.toMatchObject({
      code: 'E_USAGE',
    })
  })

  test('megabytes go in and come out whole', async () => {
    const input = randomBytes(3_000_000).toString('hex')

    const {outcome, stdout} = await open().run({file: 'cat', args: [], input, deadlineMillis})

    expect([outcome, stdout === input]).toEqual(['succeeded', true])
  })

  test('a program that was killed has not succeeded', async () => {
    const result = await open().run({file: 'sh', args: ['-c', 'kill -9 $$'], deadlineMillis})

    expect(result).toMatchObject({outcome: 'failed', signal: 'SIGKILL'})
    expect(result.exitCode).toBeUndefined()
  })

  test('a program whose time is over is ended over there, too', async () => {
    const file = path.join(sshd.directory, 'late')
    const shell = open()
    await shell.run({file: 'true', args: [], deadlineMillis})

    const result = await shell.run({
      file: 'sh',
      args: ['-c', 'echo $$ > "$1"; exec sleep 600', 'sh', file],
      deadlineMillis: 3_000,
    })

    expect(result.outcome).toBe('timed-out')
    const pid = readFileSync(file, 'utf8').trim()
    await until('it is ended', () => !existsSync(`/proc/${pid}`))
  })

  test('a program that does not exist has failed', async () => {
    const result = await open().run({file: '/no/such/program', args: [], deadlineMillis})

    expect(result).toMatchObject({outcome: 'failed', exitCode: 127})
  })

  test('forty programs at once share one connection, eight at a time', async () => {
    const shell = open()
    await shell.run({file: 'true', args: [], deadlineMillis})
    const before = sshd.connections().length

    const results = await Promise.all(
      Array.from({length: 40}, (_, index) =>
        shell.run({file: 'echo', args: [String(index)], deadlineMillis}),
      ),
    )

    expect(results.map(({stdout}) => stdout.trim())).toEqual(results.map((_, index) => String(index)))
    expect(sshd.connections().length).toBe(before)
  })

  test('what comes back is bytes of the program alone although the login shell prints a banner', async () => {
    const loud = await startSshd({
      loginShell:
        '#!/bin/sh\necho "*** welcome ***"\necho careful >&2\nexec dash -c "$SSH_ORIGINAL_COMMAND"\n',
    })
    const shell = open({}, loud)
    try {
      const result = await shell.run({file: 'cat', args: [], input: "it's\n", deadlineMillis})
      expect(result).toEqual({outcome: 'succeeded', exitCode: 0, stdout: "it's\n", stderr: ''})
    } finally {
      await shell.close()
      await loud.remove()
    }
  })

  test('a login shell that runs nothing is not taken for success', async () => {
    const mute = await startSshd({loginShell: '#!/bin/sh\necho This account is not available.\nexit 0\n'})
    const shell = open({}, mute)
    try {
      const result = await shell.run({file: 'true', args: [], deadlineMillis})
      expect(result).toMatchObject({outcome: 'failed', stdout: 'This account is not available.\n'})
    } finally {
      await shell.close()
      await mute.remove()
    }
  })

  test('a Unix socket there answers, one without anybody behind it does not', async () => {
    await withSocket(async (file) => expectAnswers(open(), file))
  })

  test('it answers also through an sshd that opens no sockets', async () => {
    const strict = await startSshd({config: ['AllowStreamLocalForwarding no']})
    const shell = open({}, strict)
    try {
      await withSocket(async (file) => expectAnswers(shell, file))
    } finally {
      await shell.close()
      await strict.remove()
    }
  })

  async function expectAnswers(shell: SshRemoteShell, file: string): Promise<void> {
    expect(await shell.askSocket(`${file}-none`, 'x', {halfClose: false, deadlineMillis})).toBeUndefined()
    expect(await shell.askSocket(file, 'plain', {halfClose: false, deadlineMillis})).toBe('one\n')
    expect(await shell.askSocket(file, 'closed', {halfClose: true, deadlineMillis})).toBe('all of closed')
    expect(await shell.askSocket(file, 'silent', {halfClose: false, deadlineMillis: 200})).toBeUndefined()
    expect(await shell.askSocket(`${file}-none`, 'x', {halfClose: false, deadlineMillis})).toBeUndefined()
  }

  /** Answers at once to `plain`; to anything else once nothing more comes. */
  async function withSocket(use: (file: string) => Promise<void>): Promise<void> {
    const file = path.join(sshd.directory, 'socket')
    const server = createServer({allowHalfOpen: true}, (client) => {
      let heard = ''
      client.on('error', () => undefined)
      client.on('data', (chunk) => {
        heard += chunk.toString()
        if (heard === 'plain\n') client.end('one\n')
      })
      client.on('end', () => {
        if (heard !== 'plain\n') client.end(`all of ${heard.trim()}`)
      })
    })
    await new Promise<void>((resolve) => server.listen(file, resolve))
    try {
      await use(file)
    } finally {
      server.close()
      rmSync(file, {force: true})
    }
  }

  test('when the sshd is killed, what ran is lost, and the next program runs on a new connection', async () => {
    const frail = await startSshd()
    const shell = open({}, frail)
    try {
      await shell.run({file: 'true', args: [], deadlineMillis})
      const running = shell.run({file: 'sleep', args: ['15'], deadlineMillis})
      await shell.run({file: 'true', args: [], deadlineMillis})
      await frail.kill()
      expect((await running).outcome).toBe('lost')
      await expect(shell.run({file: 'true', args: [], deadlineMillis})).rejects.toMatchObject({
        code: 'E_HOST_UNREACHABLE',
        why: 'nothing listens there',
      })
      await frail.start()
      expect((await shell.run({file: 'echo', args: ['back'], deadlineMillis})).stdout).toBe('back\n')
    } finally {
      await shell.close()
      await frail.remove()
    }
  })

  test('a machine that goes silent is given up, however long the program may take', async () => {
    const frail = await startSshd()
    const shell = open({keepaliveMillis: 200}, frail)
    try {
      await shell.run({file: 'true', args: [], deadlineMillis})
      const stopped = frail.connections()
      const running = shell.run({file: 'sleep', args: ['60'], deadlineMillis: 60_000})
      await shell.run({file: 'true', args: [], deadlineMillis})
      const started = Date.now()
      for (const pid of stopped) process.kill(pid, 'SIGSTOP')
      expect((await running).outcome).toBe('lost')
      expect(Date.now() - started).toBeLessThan(15_000)
    } finally {
      await shell.close()
      await frail.remove()
    }
  })
}
