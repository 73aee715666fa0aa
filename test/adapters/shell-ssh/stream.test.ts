import {createHash, randomBytes} from 'node:crypto'
import {existsSync, readFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {sshdMissing} from '../../support/ssh/missing.js'
import {shellsOf, until} from '../../support/ssh/shells.js'
import {type Sshd, startSshd} from '../../support/ssh/sshd.js'

const missing = sshdMissing()

if (missing !== undefined) test.skip(`programs that run on over SSH (skipped: ${missing})`, () => undefined)
else describe('a program that runs on over SSH', streams)

function streams(): void {
  let sshd: Sshd

  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd.remove())

  const open = shellsOf(() => sshd)
  const shellLine = (line: string, ...args: string[]) => ({file: 'sh', args: ['-c', line, 'sh', ...args]})

  function isAlive(pid: number): boolean {
    try {
      // A zombie has ended.
      return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    } catch {
      return false
    }
  }

  test('is heard line by line and spoken to, until its input ends', async () => {
    const lines: string[] = []
    const program = await open().stream(
      shellLine('while read -r line; do echo "got $line"; done; printf end; exit 3'),
      {
        onLine: (line) => void lines.push(line),
      },
    )

    expect(await program.write('one\n')).toBe(true)
    await until('it answers', () => lines.length === 1)
    await program.write(Buffer.from('zwei ü\n'))
    program.endInput()

    expect(await program.ended).toEqual({outcome: 'failed', exitCode: 3, stdout: '', stderr: ''})
    expect(lines).toEqual(['got one', 'got zwei ü', 'end'])
    expect(await program.write('more')).toBe(false)
  })

  test('waits while whoever listens is busy, and nothing is lost', async () => {
    const hash = createHash('sha256')
    let [bytes, atOnce, most] = [0, 0, 0]
    let release: (() => void) | undefined
    const program = await open().stream(shellLine('head -c 20000000 /dev/zero; echo done >&2'), {
      onData: async (chunk) => {
        atOnce += 1
        most = Math.max(most, atOnce)
        bytes += chunk.length
        hash.update(chunk)
        if (bytes === chunk.length) await new Promise<void>((resolve) => (release = resolve))
        atOnce -= 1
      },
    })
    await until('the first chunk came', () => release !== undefined)
    let isOver = false
    void program.ended.then(() => (isOver = true))
    await open().run({file: 'sleep', args: ['0.5'], deadlineMillis: 10_000})

    expect([isOver, bytes < 1_000_000]).toEqual([false, true])
    release?.()
    expect(await program.ended).toMatchObject({outcome: 'succeeded', stderr: 'done\n'})
    expect([bytes, most]).toEqual([20_000_000, 1])
    expect(hash.digest('hex')).toBe(createHash('sha256').update(Buffer.alloc(20_000_000)).digest('hex'))
  })

  test('makes whoever writes wait while it reads nothing', async () => {
    const file = path.join(sshd.directory, 'go')
    const program = await open().stream(
      shellLine('while ! [ -e "$1" ]; do sleep 0.1; done; cat | wc -c', file),
    )
    const chunk = Buffer.alloc(1_000_000)
    let written = 0
    const writing = (async () => {
      for (; written < 20; written += 1) await program.write(chunk)
      program.endInput()
    })()
    await open().run({file: 'sleep', args: ['0.5'], deadlineMillis: 10_000})

    expect(written).toBeLessThan(10)
    await open().run({file: 'touch', args: [file], deadlineMillis: 10_000})
    await writing
    expect(await program.ended).toMatchObject({outcome: 'succeeded', stdout: '20000000\n'})
  })

  test('takes a stream as its input, and is ended when that breaks off', async () => {
    const part = randomBytes(700_000)
    const file = path.join(sshd.directory, 'broken-off')
    async function* parts(breaksOff: boolean) {
      for (let count = 0; count < 10; count += 1) yield await Promise.resolve(part)
      if (breaksOff) throw new Error('the source is gone')
    }
    const whole = Buffer.concat(Array.from({length: 10}, () => part))
    const sum = {file: 'sha256sum', args: [], deadlineMillis: 20_000}

    const {stdout} = await open().run({...sum, input: parts(false)})
    expect(stdout.split(' ')[0]).toBe(createHash('sha256').update(whole).digest('hex'))
    expect((await open().run({...sum, input: whole})).stdout).toBe(stdout)

    const line = 'echo $$ >"$1.pid"; cat >"$1.new" && mv "$1.new" "$1"'
    const saved = open().run({...shellLine(line, file), input: parts(true), deadlineMillis: 20_000})
    await expect(saved).rejects.toThrow('the source is gone')
    const pid = Number(readFileSync(`${file}.pid`, 'utf8'))
    await until('it is gone', () => !isAlive(pid))
    expect(existsSync(file)).toBe(false)
  })

  test('that ends early is not waited for by a source that never ends', async () => {
    let hasEnded = false
    async function* endless() {
      try {
        for (;;) yield await Promise.resolve(Buffer.alloc(100_000))
      } finally {
        hasEnded = true
      }
    }

    const {outcome, stderr} = await open().run({
      ...shellLine('head -c 10 >/dev/null; echo full >&2; exit 1'),
      input: endless(),
      deadlineMillis: 20_000,
    })

    expect([outcome, stderr]).toEqual(['failed', 'full\n'])
    await until('the source is told', () => hasEnded)
  })

  test('does not keep others from running on the same connection', async () => {
    const shell = open()
    const programs = await Promise.all(Array.from({length: 4}, () => shell.stream(shellLine('cat'))))
    const runs = Array.from({length: 20}, () => shell.run({file: 'true', args: [], deadlineMillis: 10_000}))

    expect((await Promise.all(runs)).every(({outcome}) => outcome === 'succeeded')).toBe(true)
    for (const program of programs) program.endInput()
    expect((await Promise.all(programs.map(({ended}) => ended))).map(({outcome}) => outcome)).toEqual(
      Array(4).fill('succeeded'),
    )
  })

  test('that does not exist has failed, and on a machine that is not there it is not started', async () => {
    const program = await open().stream({file: '/no/such/program', args: []})
    expect(await program.ended).toMatchObject({outcome: 'failed', exitCode: 127})

    await expect(open({port: 1}).stream({file: 'cat', args: []})).rejects.toMatchObject({
      code: 'E_HOST_UNREACHABLE',
    })
  })

  test('is heard without what a login shell prints, and a login shell that runs nothing is told', async () => {
    const loud = await startSshd({
      loginShell:
        '#!/bin/sh\necho "*** welcome ***"\necho careful >&2\nexec bash -c "$SSH_ORIGINAL_COMMAND"\n',
    })
    const mute = await startSshd({loginShell: '#!/bin/sh\necho This account is not available.\nexit 0\n'})
    try {
      const lines: string[] = []
      const program = await open({}, loud).stream(
        {file: 'cat', args: []},
        {onLine: (line) => void lines.push(line)},
      )
      await program.write("it's\n")
      program.endInput()
      expect(await program.ended).toEqual({outcome: 'succeeded', exitCode: 0, stdout: '', stderr: ''})
      expect(lines).toEqual(["it's"])

      const none = await open({}, mute).stream({file: 'cat', args: []}, {onLine: () => undefined})
      expect(await none.ended).toMatchObject({outcome: 'failed', stdout: 'This account is not available.\n'})
    } finally {
      await loud.remove()
      await mute.remove()
    }
  })

  test('waits for its turn where the sshd opens one session at a time', async () => {
    const narrow = await startSshd({config: ['MaxSessions 1']})
    try {
      const shell = open({}, narrow)
      const results = await Promise.all(
        Array.from({length: 4}, () => shell.run({file: 'sleep', args: ['0.2'], deadlineMillis: 10_000})),
      )
      expect(results.map(({outcome}) => outcome)).toEqual(Array(4).fill('succeeded'))
      expect(narrow.connections().length).toBeLessThanOrEqual(2)
    } finally {
      await narrow.remove()
    }
  })
}
