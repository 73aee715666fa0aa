import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {type SshRemoteShell} from '../../../src/adapters/shell-ssh/index.js'
import {type RemoteCommand} from '../../../src/contracts/remote-shell.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {shellsOf, until} from '../../support/ssh/shells.js'
import {type Sshd, startSshd} from '../../support/ssh/sshd.js'

const missing = sshdMissing()

if (missing !== undefined) test.skip(`a shell that is kept (skipped: ${missing})`, () => undefined)
else describe('a shell that is kept', kept)

function kept(): void {
  let sshd: Sshd
  let directory: string

  beforeAll(async () => {
    sshd = await startSshd({config: ['LogLevel VERBOSE']})
  })
  afterAll(() => sshd.remove())
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'yard-kept-'))
  })
  afterEach(() => rmSync(directory, {recursive: true, force: true}))

  const open = shellsOf(() => sshd)

  const script = (text: string, ...args: string[]): RemoteCommand => ({
    file: 'sh',
    args: ['-c', text, 'sh', ...args],
    deadlineMillis: 20_000,
    isOneOfMany: true,
  })

  /** How many commands the sshd was asked for meanwhile. */
  async function sessionsOf(use: (shell: SshRemoteShell) => Promise<void>): Promise<number> {
    const before = sessions()
    await use(open())
    await until('the sshd has told of it', () => sessions() > before)
    return sessions() - before
  }
  const sessions = () => sshd.log().match(/Starting session: /g)?.length ?? 0

  /** A number that a script writes into a file. */
  async function pidIn(file: string): Promise<number> {
    await until('it says its number', () => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'))
    return Number(readFileSync(file, 'utf8'))
  }

  test('many commands, one after the other, are one for the sshd; each has its arguments, its input, its outputs and its end', async () => {
    const all = fc.record({
      args: fc.array(fc.string({unit: 'binary', maxLength: 20}).map(withoutNul), {maxLength: 4}),
      input: fc.string({unit: 'binary', maxLength: 60}).map(withoutNul),
      code: fc.integer({min: 0, max: 99}),
    })
    const count = await sessionsOf(async (shell) => {
      for (const {args, code, input} of fc.sample(all, {numRuns: 150, seed: 7})) {
        const given = input === '' ? '' : `${input}\n`
        const said = 'cat; printf "%s|" "$@"; printf "%s" "$1" >&2; exit '
        const result = await shell.run({...script(`${said}${code}`, ...args), input: given})
        expect(result).toEqual({
          outcome: code === 0 ? 'succeeded' : 'failed',
          exitCode: code,
          stdout: given + (args.length === 0 ? '|' : args.map((arg) => `${arg}|`).join('')),
          stderr: args[0] ?? '',
        })
      }
    })

    expect(count).toBe(1)
  })

  test('a command leaves nothing to the next one: no directory, variable or input, and it is a program of its own', async () => {
    const shell = open()
    const leaving = {
      ...script('cd /; read -r first; X=1; export X; echo "$first"'),
      input: 'one\ntwo\nthree\n',
    }

    expect((await shell.run(leaving)).stdout).toBe('one\n')
    const {stdout} = await shell.run(script('pwd; echo "$X"; cat'))
    expect(stdout.split('\n').slice(1)).toEqual(['', ''])
    expect(stdout).not.toMatch(/^\/\n/)
    const absent = {file: 'cd', args: ['/'], deadlineMillis: 20_000, isOneOfMany: true}
    expect(await shell.run(absent)).toMatchObject({outcome: 'failed', exitCode: 127})
  })

  test('megabytes go in and come out whole, and what no here-document takes has a session of its own', async () => {
    const shell = open()
    const input = `${'x'.repeat(99)}\n`.repeat(20_000)
    expect((await shell.run({...script('cat'), input})).stdout).toBe(input)

    for (const odd of ['no end of line', 'a\0b\n', Buffer.from('bytes\n')]) {
      const {stdout} = await shell.run({...script('cat'), input: odd})
      expect(stdout).toBe(odd.toString())
    }
  })

  test('two at a time have a session each', async () => {
    const file = path.join(directory, 'go')
    const count = await sessionsOf(async (shell) => {
      const first = shell.run(script('until [ -e "$1" ]; do sleep 0.05; done; echo first', file))
      const second = await shell.run(script('touch "$1"; echo second', file))
      expect([second.stdout, (await first).stdout]).toEqual(['second\n', 'first\n'])
    })

    expect(count).toBe(2)
  })

  test('a command that is killed has failed, one that takes too long is ended over there, and the next one runs', async () => {
    const shell = open()
    expect(await shell.run(script('kill -9 $$'))).toMatchObject({outcome: 'failed', signal: 'SIGKILL'})

    const file = path.join(directory, 'late')
    const late = script('echo $$ > "$1"; echo begun; exec sleep 600', file)
    const result = await shell.run({...late, deadlineMillis: 3_000})
    expect(result).toMatchObject({outcome: 'timed-out', stdout: 'begun\n'})
    const pid = await pidIn(file)
    await until('it is gone', () => !existsSync(`/proc/${pid}`))

    expect(await shell.run(script('echo next'))).toMatchObject({outcome: 'succeeded', stdout: 'next\n'})
  })

  test('D8 when the connection breaks, what ran is lost, and the next one runs on another', async () => {
    const shell = open()
    const file = path.join(directory, 'running')
    const running = shell.run(script('echo $$ > "$1"; exec sleep 600', file))
    const pid = await pidIn(file)
    for (const connection of sshd.connections()) process.kill(connection, 'SIGKILL')

    expect((await running).outcome).toBe('lost')
    expect((await shell.run(script('echo next'))).stdout).toBe('next\n')
    process.kill(pid, 'SIGKILL')
  })

  test('D8 a shell that was killed over there has lost its command, and the next one has another', async () => {
    const shell = open()
    const result = await shell.run(script('echo begun; kill -9 $PPID'))
    expect(result).toMatchObject({outcome: 'lost', stdout: 'begun\n'})
    expect((await shell.run(script('echo next'))).stdout).toBe('next\n')
  })

  test('its session is given back where the sshd allows only one', async () => {
    const narrow = await startSshd({config: ['MaxSessions 1']})
    try {
      const shell = open({}, narrow)
      expect((await shell.run(script('echo kept'))).stdout).toBe('kept\n')
      const program = await shell.stream({file: 'echo', args: ['other'], deadlineMillis: 20_000})
      expect((await program.ended).stdout).toBe('other\n')
      expect((await shell.run(script('echo again'))).stdout).toBe('again\n')
    } finally {
      await narrow.remove()
    }
  })
}

function withoutNul(text: string): string {
  return text.replaceAll('\0', '')
}
