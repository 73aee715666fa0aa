import {existsSync, readFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {sshdMissing} from '../../support/ssh/missing.js'
import {shellsOf, until} from '../../support/ssh/shells.js'
import {type Sshd, startSshd} from '../../support/ssh/sshd.js'

const missing = sshdMissing()

if (missing !== undefined) test.skip(`ends of programs over SSH (skipped: ${missing})`, () => undefined)
else describe('a program that runs on over SSH', endings)

function endings(): void {
  let sshd: Sshd

  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd.remove())

  const open = shellsOf(() => sshd)
  const shellLine = (line: string, ...args: string[]) => ({file: 'sh', args: ['-c', line, 'sh', ...args]})

  /** The number of a process over there that writes it as its first line. */
  async function startedPid(lines: readonly string[]): Promise<number> {
    await until('it says its number', () => lines.length > 0)
    return Number(lines[0])
  }

  function isAlive(pid: number): boolean {
    try {
      // A zombie has ended.
      return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    } catch {
      return false
    }
  }

  test('is ended by stop, over there, too, also with what it started', async () => {
    const lines: string[] = []
    const program = await open().stream(shellLine('echo $$; sleep 61 & wait'), {
      onLine: (line) => void lines.push(line),
    })
    const pid = await startedPid(lines)
    program.endInput()

    expect(await program.stop()).toMatchObject({outcome: 'failed', signal: 'SIGTERM'})
    expect(isAlive(pid)).toBe(false)
    expect(await program.stop()).toMatchObject({signal: 'SIGTERM'})
  })

  test('that ignores SIGTERM is killed', async () => {
    const lines: string[] = []
    const program = await open().stream(shellLine('trap "" TERM; echo $$; while :; do sleep 0.1; done'), {
      onLine: (line) => void lines.push(line),
    })
    const pid = await startedPid(lines)

    expect((await program.stop()).outcome).toBe('failed')
    await until('it is gone', () => !isAlive(pid))
  })

  test('is ended when whoever asked for it gives up', async () => {
    const lines: string[] = []
    const controller = new AbortController()
    const program = await open().stream(shellLine('echo $$; sleep 61'), {
      onLine: (line) => void lines.push(line),
      signal: controller.signal,
    })
    const pid = await startedPid(lines)
    controller.abort()

    expect((await program.ended).outcome).toBe('failed')
    expect(isAlive(pid)).toBe(false)
  })

  test('is ended even when whoever asked for it had given up before it began', async () => {
    const file = path.join(sshd.directory, 'unwanted')
    const program = await open().stream(shellLine('echo $$ >"$1"; sleep 61', file), {
      signal: AbortSignal.abort(),
    })

    expect((await program.ended).outcome).toBe('failed')
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
    expect(pid !== 0 && isAlive(pid)).toBe(false)
  })

  test('that says nothing for too long is ended, one that speaks is not', async () => {
    const lines: string[] = []
    const said = 'echo $$; for i in 1 2 3 4 5 6; do sleep 0.2; echo $i; done'
    const talking = await open().stream({...shellLine(said), silenceMillis: 1_000})
    expect(await talking.ended).toMatchObject({outcome: 'succeeded'})

    const silent = await open().stream(
      {...shellLine('echo $$; sleep 61'), silenceMillis: 500},
      {onLine: (line) => void lines.push(line)},
    )
    expect((await silent.ended).outcome).toBe('timed-out')
    await until('it is gone', () => !isAlive(Number(lines[0])))
  })

  test('whose time is over is ended, over there, too', async () => {
    const lines: string[] = []
    const program = await open().stream(
      {...shellLine('echo $$; sleep 61'), deadlineMillis: 400},
      {onLine: (line) => void lines.push(line)},
    )

    expect((await program.ended).outcome).toBe('timed-out')
    await until('it is gone', () => !isAlive(Number(lines[0])))
  })

  test('whose listener throws is ended, and what was thrown is told', async () => {
    const program = await open().stream(shellLine('while :; do echo line; sleep 0.1; done'), {
      onLine: () => {
        throw new Error('no room')
      },
    })

    await expect(program.ended).rejects.toThrow('no room')
    expect(await program.write('x')).toBe(false)
  })

  test('is ended in time also where the login shell does not tell its number', async () => {
    // As fish, which has another name for it.
    const other = await startSshd({
      loginShell: '#!/bin/sh\nexec dash -c "$(printf %s "$SSH_ORIGINAL_COMMAND" | sed "s/^eval /false /")"\n',
    })
    try {
      const file = path.join(other.directory, 'pid')
      const shell = open({}, other)
      const {outcome, stdout} = await shell.run({file: 'echo', args: ['here'], deadlineMillis: 10_000})
      expect([outcome, stdout]).toEqual(['succeeded', 'here\n'])

      const late = shell.run({...shellLine('echo $$ >"$1"; sleep 61', file), deadlineMillis: 1_000})
      expect((await late).outcome).toBe('timed-out')
      await until('it is gone', () => !isAlive(Number(readFileSync(file, 'utf8'))))
    } finally {
      await other.remove()
    }
  })
}
