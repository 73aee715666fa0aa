import {type ChildProcess, spawn} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {type Load, startLoad} from '../../../scripts/demo/load.mjs'
import {freePort} from '../../support/free-port.js'

export const packageRoot = fileURLToPath(new URL('../../..', import.meta.url))
/** The built yard. */
export const program = path.join(packageRoot, 'bin/run.js')

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface InstanceJson {
  id: string
  service: string
  release: number
  state: string
  running: string
  healthy?: boolean
}

export interface RunOptions {
  cwd?: string
  env?: Record<string, string>
  /** What is piped into it; nothing is when it's left out. */
  input?: string
  /** Sees what it has written so far and may end it. */
  whileRunning?: (child: ChildProcess, written: () => string) => void
}

/** A state directory, a place for repositories and a router port of its own; nothing of it outlives `dispose`. */
export class Sandbox {
  readonly home = mkdtempSync(path.join(os.tmpdir(), 'yard-e2e-'))
  readonly state = path.join(this.home, 'state')
  /** Given to every command besides, such as another catalog. */
  readonly variables: Record<string, string> = {}
  private started: ChildProcess[] = []
  private loads: Load[] = []

  get env(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: this.home,
      LANG: 'C.UTF-8',
      YARD_STATE_DIR: this.state,
      ...passedOn([
        'YARD_HAPROXY',
        'XDG_CACHE_HOME',
        'npm_config_registry',
        'npm_config_cache',
        'NODE_EXTRA_CA_CERTS',
      ]),
      ...this.variables,
    }
  }

  /** Runs yard as a user would: the built program, off a terminal. */
  yard(args: string[], options: RunOptions = {}): Promise<Ended> {
    const child = this.start(args, options)
    let stdout = ''
    let stderr = ''
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    options.whileRunning?.(child, () => stdout + stderr)
    return new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => resolve({code, signal, stdout, stderr}))
    })
  }

  /** @throws Error with everything it wrote when it doesn't end with 0. */
  async mustRun(args: string[], options: RunOptions = {}): Promise<Ended> {
    const ended = await this.yard(args, options)
    if (ended.code !== 0) {
      throw new Error(
        `yard ${args.join(' ')} ended with ${ended.code ?? ended.signal}\n${ended.stdout}\n${ended.stderr}`,
      )
    }
    return ended
  }

  async json<T>(args: string[], options: RunOptions = {}): Promise<T> {
    const {stdout} = await this.mustRun([...args, '--json'], options)
    return JSON.parse(stdout) as T
  }

  /** Starts yard and leaves it running; it's ended with the sandbox at the latest. */
  start(args: string[], options: RunOptions = {}): ChildProcess {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: options.cwd ?? this.home,
      env: {...this.env, ...options.env},
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    child.stdin?.end(options.input)
    this.started.push(child)
    return child
  }

  /** Starts the local environment in the background on a free port, and returns the port. */
  async up(): Promise<number> {
    const port = await freePort()
    await this.mustRun(['up', '--detach', '--port', String(port)])
    return port
  }

  /** What `yard status` says of each instance. */
  async instances(): Promise<InstanceJson[]> {
    const {services} = await this.json<{services: {service: string; instances: InstanceJson[]}[]}>(['status'])
    return services.flatMap(({instances, service}) => instances.map((instance) => ({...instance, service})))
  }

  /** 200 requests a second to a service, until it's stopped, with the sandbox at the latest. */
  load(port: number, service: string): Load {
    const url = `http://127.0.0.1:${port}/`
    const load = startLoad({url, headers: {'Yard-Service': service}, perSecond: 200})
    this.loads.push(load)
    return load
  }

  async dispose(): Promise<void> {
    await Promise.all(this.loads.map((load) => load.stop()))
    await this.yard(['down']).catch(() => undefined)
    for (const child of this.started) child.kill('SIGKILL')
    rmSync(this.home, {recursive: true, force: true, maxRetries: 10})
  }
}

/** Polls until the value is there. @throws Error when it isn't in time. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  millis = 20_000,
): Promise<T> {
  const deadline = Date.now() + millis
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`not within ${millis} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export function passedOn(names: string[]): Record<string, string> {
  const kept = names.map((name) => [name, process.env[name]] as const)
  return Object.fromEntries(kept.filter((pair): pair is [string, string] => pair[1] !== undefined))
}
