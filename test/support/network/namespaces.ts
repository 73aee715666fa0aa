import {type ChildProcess, execFileSync, spawn} from 'node:child_process'
import {once} from 'node:events'
import {readdirSync, readFileSync, readlinkSync} from 'node:fs'
import path from 'node:path'

import {findIp} from '../../../scripts/bootstrap/iproute.mjs'

/** A process inside, with the number by which it's known out here. */
export interface InsideProcess {
  pid: number
  command: string
}

export interface EndedInside {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface RunInsideOptions {
  /** All it sees besides PATH and LANG. */
  env?: Record<string, string>
  cwd?: string
  input?: string
  /** Messages can be sent to it, and come from it. */
  hasChannel?: boolean
}

/** Why namespaces can't be had here; undefined when they can. */
export function namespacesMissing(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are of Linux'
  if (process.getuid?.() !== 0) return 'only root makes network namespaces'
  if (findIp() === undefined) return 'ip, of iproute2, is not installed'
  try {
    execFileSync('setpriv', [...born, 'mount', '-t', 'tmpfs', 'tmpfs', '/run'], {stdio: 'ignore'})
    return undefined
  } catch {
    return 'this machine permits no namespaces'
  }
}

const born = ['--pdeathsig', 'KILL', 'unshare', '--net', '--mount', '--pid', '--uts', '--ipc', '--fork']
const guarded = ['--kill-child', '--mount-proc', '--propagation', 'private']

/**
 * Everything that a machine of its own has: network, mounts, processes, a name. It has no name that could be left
 * over: whatever ends the process that made it ends all that is inside, and with it the namespaces.
 */
export class Namespaces {
  private constructor(
    private readonly anchor: ChildProcess,
    /** The first process inside, by its number out here. */
    readonly pid: number,
  ) {}

  /** `setup` are lines of shell that run inside before anything else. */
  static async make(setup: readonly string[]): Promise<Namespaces> {
    // The first process is a shell that waits: it takes over orphans, and must reap them when they end.
    const lines = ['set -e', ...setup, 'echo ready', 'sleep infinity & wait']
    const anchor = spawn('setpriv', [...born, ...guarded, 'sh', '-c', lines.join('\n')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    await saysReady(anchor)
    const children = readFileSync(`/proc/${anchor.pid!}/task/${anchor.pid!}/children`, 'utf8')
    return new Namespaces(anchor, Number(children.trim()))
  }

  /** A program with arguments before which these words make it run inside. It dies with the words. */
  get prefix(): string[] {
    const inside = ['-t', String(this.pid), '--net', '--mount', '--pid', '--uts', '--ipc']
    return ['nsenter', ...inside, '--', 'setpriv', '--pdeathsig', 'KILL']
  }

  /** Runs beside: in the network alone, seeing the files and processes of the machine. */
  get networkPrefix(): string[] {
    return ['nsenter', '-t', String(this.pid), '--net', '--']
  }

  /** Where a file of the inside is out here. */
  path(file: string): string {
    return path.join(`/proc/${this.pid}/root`, file)
  }

  spawn(file: string, args: readonly string[], options: RunInsideOptions = {}): ChildProcess {
    const {cwd = '/', env = {}, hasChannel = false} = options
    const [nsenter, ...words] = this.prefix
    return spawn(nsenter!, [...words, 'env', '-C', cwd, file, ...args], {
      stdio: ['pipe', 'pipe', 'pipe', ...(hasChannel ? (['ipc'] as const) : [])],
      env: {PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', ...env},
    })
  }

  async run(file: string, args: readonly string[], options: RunInsideOptions = {}): Promise<EndedInside> {
    const child = this.spawn(file, args, options)
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(options.input)
    const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    return {code, signal, stdout: stdout(), stderr: stderr()}
  }

  /** Those alive whose command line has this text. */
  processes(text = ''): InsideProcess[] {
    const here = namespaceOf(this.pid)
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => pid !== this.pid && namespaceOf(pid) === here)
      .map((pid) => ({pid, command: commandOf(pid)}))
      .filter(({command}) => command !== '' && command.includes(text))
  }

  async end(): Promise<void> {
    if (this.anchor.exitCode !== null || this.anchor.signalCode !== null) return
    const ended = once(this.anchor, 'exit')
    this.anchor.kill('SIGKILL')
    await ended
  }
}

/** Everything a stream brings, as text. */
export function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = []
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString()
}

async function saysReady(child: ChildProcess): Promise<void> {
  const stderr = collect(child.stderr)
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('ready')) resolve()
    })
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`namespaces ended with ${code ?? '?'}: ${stderr()}`)))
  })
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return undefined
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return ''
  }
}
