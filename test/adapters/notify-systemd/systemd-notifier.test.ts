import {type ChildProcess, execFileSync, spawn} from 'node:child_process'
import {existsSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'

import {afterEach, expect, test} from '@jest/globals'

import {SystemdNotifier} from '../../../src/adapters/notify-systemd/index.js'

const searchPath = process.env['PATH'] ?? ''
const missing = missingPart()
const real = missing === undefined ? test : test.skip
const reason = missing === undefined ? '' : `: ${missing} is not here`
const listeners: ChildProcess[] = []
afterEach(() => {
  for (const each of listeners.splice(0)) each.kill('SIGKILL')
})

real(`systemd hears that it is ready, alive and stopping, and one line of status${reason}`, async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'yard-notify-'))
  try {
    const {heard, socket} = await listen(directory)
    const notifier = new SystemdNotifier({socket, watchdogMicros: '30000000', searchPath})
    expect(notifier.watchdogMillis).toBe(30_000)
    await notifier.ready('follows 7\nWATCHDOG_USEC=1')
    await notifier.alive()
    await notifier.stopping()
    const all = await until(() => heard().includes('STOPPING=1'), heard)
    expect(all).toContain('READY=1\n')
    expect(all).toContain('STATUS=follows 7 WATCHDOG_USEC=1')
    expect(all).toContain('WATCHDOG=1')
  } finally {
    rmSync(directory, {recursive: true, force: true})
  }
})

test('without systemd nobody is told, and nothing is started', async () => {
  const notifier = new SystemdNotifier({
    socket: undefined,
    watchdogMicros: '30000000',
    searchPath,
    program: '/none',
  })
  expect(notifier.watchdogMillis).toBeUndefined()
  await notifier.ready('x')
  await notifier.alive()
})

test('a program or a socket that is not there harms nothing', async () => {
  const notifier = new SystemdNotifier({
    socket: '/nowhere/notify',
    watchdogMicros: undefined,
    searchPath,
    program: '/none',
  })
  await notifier.ready('x')
  await notifier.status('x')
})

test('a watchdog time that is no number is none', () => {
  for (const watchdogMicros of [undefined, '', 'x', '0', '-5'])
    expect(new SystemdNotifier({socket: '/s', watchdogMicros, searchPath}).watchdogMillis).toBeUndefined()
})

/** Node can't listen on a datagram socket of this kind itself. */
async function listen(directory: string): Promise<{socket: string; heard: () => string}> {
  const socket = path.join(directory, 'notify')
  const program = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True:
    sys.stdout.write(s.recv(4096).decode() + "\\n")
    sys.stdout.flush()
`
  const child = spawn('python3', ['-c', program, socket], {stdio: ['ignore', 'pipe', 'inherit']})
  listeners.push(child)
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await until(
    () => existsSync(socket),
    () => 'no socket',
  )
  return {socket, heard: () => text}
}

async function until(isTrue: () => boolean, describe: () => string): Promise<string> {
  const deadline = Date.now() + 10_000
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`heard only ${describe()}`)
    await pause(10)
  }
  return describe()
}

function missingPart(): string | undefined {
  if (process.platform !== 'linux') return 'systemd'
  return ['systemd-notify', 'python3'].find((program) => {
    try {
      execFileSync(program, ['--version'], {stdio: 'ignore'})
      return false
    } catch {
      return true
    }
  })
}
