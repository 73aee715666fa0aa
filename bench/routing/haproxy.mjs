// A HAProxy of a bench's own: master and worker, a socket to ask each, and the CPU time that the worker took.
import {spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import net from 'node:net'
import path from 'node:path'

import {until} from './wait.mjs'

/** Why benches with HAProxy can't run here; undefined when they can. */
export function haproxyMissing() {
  return spawnSync('haproxy', ['-v']).status === 0 ? undefined : 'haproxy is not installed'
}

/** Where a configuration that `startHaproxy` is given must have its socket. */
export function adminSocketIn(directory) {
  return path.join(directory, 'admin.sock')
}

/** Writes the files into the directory, starts HAProxy from `haproxy.cfg` there and resolves once it answers. */
export async function startHaproxy(directory, files) {
  writeFiles(directory, files)
  const config = path.join(directory, 'haproxy.cfg')
  const masterSocket = path.join(directory, 'master.sock')
  const args = ['-Ws', '-f', config, '-S', `${masterSocket},mode,600`]
  // It writes a line for each request, which nobody reads here.
  const program = startWithThis('haproxy', args, {cwd: directory, stdout: 'ignore'})
  const adminSocket = adminSocketIn(directory)
  const workers = async () => workersOf(await ask(masterSocket, 'show proc'))
  await until(
    () => program.output(),
    async () =>
      program.hasEnded() ||
      ((await ask(adminSocket, 'show info'))?.includes('Uptime_sec') === true &&
        (await workers()).length > 0),
  )
  if (program.hasEnded()) throw new Error(`HAProxy did not start: ${program.output()}`)
  return {
    adminSocket,
    masterPid: program.pid,
    workers,
    ask: (line) => ask(adminSocket, line),
    /** Milliseconds of CPU that all its processes took since they were started. */
    cpuMillis: async () => (await workers()).reduce((sum, {pid}) => sum + cpuMillisOf(pid), 0),
    /** Resolves once a new worker took over. */
    reload: () => reload(program, workers),
    stop: () => program.kill('SIGKILL'),
  }
}

async function reload(program, workers) {
  const [before] = await workers()
  program.signal('SIGUSR2')
  await until(
    () => `a new worker after ${before?.pid}: ${program.output()}`,
    async () => {
      const [first] = await workers()
      return first !== undefined && first.pid !== before?.pid
    },
  )
}

export function writeFiles(directory, files) {
  mkdirSync(directory, {recursive: true})
  for (const {name, text} of files) writeFileSync(path.join(directory, name), text)
}

/** A process that dies with this one. */
export function startWithThis(file, args, {cwd, env = process.env, stdout = 'pipe'} = {}) {
  const words = ['--pdeathsig', 'KILL', file, ...args]
  const child = spawn('setpriv', words, {cwd, env, stdio: ['ignore', stdout, 'pipe']})
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes) => (output = (output + bytes).slice(-4_000)))
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  const endWithThis = () => child.kill('SIGKILL')
  process.once('exit', endWithThis)
  return {
    pid: child.pid,
    stdout: child.stdout,
    hasEnded,
    output: () => output,
    signal: (name) => child.kill(name),
    async kill(name = 'SIGTERM') {
      process.removeListener('exit', endWithThis)
      if (hasEnded()) return
      const ended = once(child, 'exit')
      child.kill(name)
      await ended
    },
  }
}

/** All that a socket of HAProxy answers to a line; undefined when nobody is there. */
export function ask(socketPath, line) {
  return new Promise((resolve) => {
    const socket = net.connect(socketPath)
    let answer = ''
    socket.setTimeout(10_000, () => socket.destroy())
    socket.on('connect', () => socket.end(`${line}\n`))
    socket.on('data', (bytes) => (answer += bytes))
    socket.on('error', () => resolve(undefined))
    socket.on('close', () => resolve(answer))
  })
}

/** What `show proc` shows; those that take new connections first. */
export function workersOf(shown = '') {
  const found = [...shown.matchAll(/^(\d+)\s+worker\s+(?:\[was: \d+\]|\d+)\s+(\d+)/gm)]
  return found
    .map(([, pid, reloads]) => ({pid: Number(pid), reloads: Number(reloads)}))
    .sort((left, right) => left.reloads - right.reloads)
}

/** User and system milliseconds of a process; 0 when it is gone. */
export function cpuMillisOf(pid) {
  const fields = procFile(pid, 'stat')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10
}

/** Resident megabytes of a process; NaN when it is gone. */
export function residentMegabytes(pid) {
  return Number(/^VmRSS:\s+(\d+)/m.exec(procFile(pid, 'status'))?.[1]) / 1_024
}

/** The megabytes of a process that it doesn't share, and its part of those that it does. */
export function proportionalMegabytes(pid) {
  return Number(/^Pss:\s+(\d+)/m.exec(procFile(pid, 'smaps_rollup'))?.[1]) / 1_024
}

function procFile(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
