import {type ChildProcess, spawn, spawnSync} from 'node:child_process'
import {closeSync, openSync, readFileSync} from 'node:fs'
import path from 'node:path'

/** One etcd process on this machine. */
export interface Member {
  readonly name: string
  readonly port: number
  readonly isRunning: boolean
  start(): void
  /** SIGKILL, and waits until it's gone. */
  kill(): Promise<void>
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** The last lines it wrote. */
  log(): string
}

export interface MemberPlan {
  program: string
  name: string
  directory: string
  port: number
  args: readonly string[]
  /** Words before the program that make it run elsewhere. */
  prefix?: readonly string[]
}

export function makeMember({program, name, directory, port, args, prefix = []}: MemberPlan): Member {
  const logFile = path.join(directory, `${name}.log`)
  let child: ChildProcess | undefined
  const isRunning = () => child?.exitCode === null && child.signalCode === null
  const endWithThis = () => child?.kill('SIGKILL')
  return {
    name,
    port,
    get isRunning() {
      return isRunning()
    },
    start() {
      const log = openSync(logFile, 'a')
      const [file, ...words] = [...diesWithParent(), ...prefix, program, ...args]
      child = spawn(file!, words, {stdio: ['ignore', log, log], env: variables()})
      child.on('error', () => undefined)
      closeSync(log)
      process.once('exit', endWithThis)
    },
    async kill() {
      process.removeListener('exit', endWithThis)
      if (!isRunning()) return
      const ended = new Promise((resolve) => child?.once('exit', resolve))
      child?.kill('SIGKILL')
      await ended
    },
    signal: (signal) => void child?.kill(signal),
    log: () => readFileSync(logFile, 'utf8').split('\n').slice(-12).join('\n'),
  }
}

/** A test that is killed takes its members along. */
function diesWithParent(): string[] {
  if (process.platform !== 'linux') return []
  const words = ['setpriv', '--pdeathsig', 'KILL']
  return spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0 ? words : []
}

/** Nothing of the surroundings: etcd takes its settings from `ETCD_…`, too. */
function variables(): Record<string, string> {
  const path = process.env['PATH'] ?? '/usr/bin:/bin'
  return process.arch === 'arm64' ? {PATH: path, ETCD_UNSUPPORTED_ARCH: 'arm64'} : {PATH: path}
}
