import {type ChildProcess, execFile} from 'node:child_process'
import {once} from 'node:events'
import {rmSync, writeFileSync} from 'node:fs'
import {connect} from 'node:net'
import path from 'node:path'
import {promisify} from 'node:util'

import {packageRoot, passedOn} from '../../e2e/support/sandbox.js'
import {type Door, openDoor} from './door.js'
import {Helper, type InstanceCounts, type LoadCounts, type ServedInstance} from './helper.js'
import {
  collect,
  type EndedInside,
  type InsideProcess,
  Namespaces,
  type RunInsideOptions,
} from './namespaces.js'

export interface HostPlan {
  number: number
  /** Where the bridge is that connects the hosts. */
  middle: Namespaces
  variables: Readonly<Record<string, string>>
  /** Of the helper, on the inside. */
  socketFile: string
}

/** A program that was started on a host. */
export interface StartedProgram {
  child: ChildProcess
  /** What it wrote so far. */
  output: () => string
  ended: Promise<EndedInside>
}

/** Requests that are being sent. */
export interface HostLoad {
  look: () => Promise<Record<string, LoadCounts>>
  stop: () => Promise<Record<string, LoadCounts>>
}

const megabytesOfState = 48
const yardProgram = path.join(packageRoot, 'bin/run.js')

/** One machine with its own network, processes and name, and its own empty /run, /var/lib and /var/lib/yard. */
export class NetworkHost {
  readonly name: string
  readonly address: string
  private readonly doors: Door[] = []
  private readonly locked = new Set<string>()
  private loads = 0

  private constructor(
    private readonly plan: HostPlan,
    readonly inside: Namespaces,
    private helper: Helper,
  ) {
    this.name = nameOf(plan.number)
    this.address = addressOf(plan.number)
  }

  static async start(plan: HostPlan): Promise<NetworkHost> {
    const {middle, number} = plan
    const inside = await Namespaces.make([
      `hostname ${nameOf(number)}`,
      'ip link set lo up',
      'mount -t tmpfs tmpfs /run',
      'mkdir -p /run/sshd /run/home',
      'mount -t tmpfs tmpfs /var/lib',
      `mkdir -p ${stateDirectory}`,
      `mount -t tmpfs -o mode=755,size=${megabytesOfState}m tmpfs ${stateDirectory}`,
    ])
    const [wire, pid] = [wireOf(number), String(inside.pid)]
    await outside(middle, 'ip', 'link', 'add', wire, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', pid)
    await outside(middle, 'ip', 'link', 'set', wire, 'master', 'bridge', 'up')
    await outside(inside, 'ip', 'addr', 'add', `${addressOf(number)}/16`, 'dev', 'eth0')
    await outside(inside, 'ip', 'link', 'set', 'eth0', 'up')
    return new NetworkHost(plan, inside, await Helper.start(inside, plan.socketFile))
  }

  /** Where one of its files is seen from here. */
  path(file: string): string {
    return this.inside.path(file)
  }

  run(file: string, args: readonly string[], options: RunInsideOptions = {}): Promise<EndedInside> {
    return this.inside.run(file, args, {...options, env: {...this.variables, ...options.env}})
  }

  start(file: string, args: readonly string[], options: RunInsideOptions = {}): StartedProgram {
    const child = this.inside.spawn(file, args, {...options, env: {...this.variables, ...options.env}})
    child.stdin?.end()
    const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
    const ended = once(child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: stdout(),
      stderr: stderr(),
    }))
    return {child, output: () => stdout() + stderr(), ended}
  }

  /** The built command, as a user of the machine would run it. */
  yard(args: readonly string[], options: RunInsideOptions = {}): Promise<EndedInside> {
    return this.run(process.execPath, [yardProgram, ...args], options)
  }

  startYard(args: readonly string[], options: RunInsideOptions = {}): StartedProgram {
    return this.start(process.execPath, [yardProgram, ...args], options)
  }

  /** Its living processes whose command line has this text, with their numbers out here. */
  processes(text: string): InsideProcess[] {
    return this.inside.processes(text)
  }

  async serve(instance: ServedInstance): Promise<void> {
    await this.helper.ask('serve', instance)
  }

  /** Makes an instance unwell or well, or ends and begins its listening. */
  async change(options: {port: number; isReady?: boolean; isListening?: boolean}): Promise<void> {
    await this.helper.ask('change', options)
  }

  counts(): Promise<InstanceCounts[]> {
    return this.helper.ask('counts', undefined)
  }

  /** Sends requests through its own HAProxy, so many a second to each service. */
  async load(services: string[], perSecond: number): Promise<HostLoad> {
    const name = `load-${++this.loads}`
    const url = 'http://127.0.0.1:7070/'
    await this.helper.ask('start-load', {name, url, header: 'Yard-Service', services, perSecond})
    return {
      look: () => this.helper.ask('look-at-load', {name}),
      stop: () => this.helper.ask('stop-load', {name}),
    }
  }

  /** Sends a line to one of its Unix sockets and returns the answer. */
  askSocket(socket: string, line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = ''
      const connection = connect(this.path(socket), () => connection.write(`${line}\n`))
      connection.setEncoding('utf8').on('data', (text: string) => (answer += text))
      connection.on('error', reject)
      connection.on('close', () => resolve(answer))
    })
  }

  /** A port of this machine's loopback that leads to a port of the host's loopback. */
  async door(port: number): Promise<number> {
    const door = await openDoor(this.path(this.plan.socketFile), `127.0.0.1:${port}`)
    this.doors.push(door)
    return door.port
  }

  /** Takes it off the network, until `plug`. */
  async unplug(): Promise<void> {
    await outside(this.plan.middle, 'ip', 'link', 'set', wireOf(this.plan.number), 'down')
  }

  async plug(): Promise<void> {
    await outside(this.plan.middle, 'ip', 'link', 'set', wireOf(this.plan.number), 'up')
  }

  /** Has it reach none of these addresses, until `rejoin`; connections that are there stall. */
  async cutOff(addresses: readonly string[]): Promise<void> {
    for (const address of addresses) await outside(this.inside, 'ip', 'route', 'add', 'blackhole', address)
  }

  async rejoin(addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      // It may not have been cut off.
      await outside(this.inside, 'ip', 'route', 'del', 'blackhole', address).catch(() => undefined)
    }
  }

  /** On the network, with a disk that has room and may be written. */
  async recover(addresses: readonly string[]): Promise<void> {
    await this.plug()
    await this.rejoin(addresses)
    await this.freeDisk()
    for (const directory of this.locked) await this.unlock(directory)
  }

  /** Sends a signal to all of its processes whose command line has this text. */
  signal(text: string, signal: NodeJS.Signals): void {
    for (const {pid} of this.processes(text)) {
      try {
        process.kill(pid, signal)
      } catch (error) {
        // One of them ended because of another.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
      }
    }
  }

  /** Leaves no byte free below its state directory, until `freeDisk`. */
  async fillDisk(): Promise<void> {
    const file = this.path(fillingFile)
    for (const bytes of [1_000_000, 4_096, 1]) {
      try {
        for (;;) writeFileSync(file, Buffer.alloc(bytes), {flag: 'a'})
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    }
  }

  async freeDisk(): Promise<void> {
    rmSync(this.path(fillingFile), {force: true})
  }

  /** Nobody may write into a directory, not even root, until `unlock`. */
  async lock(directory: string): Promise<void> {
    this.locked.add(directory)
    await this.must('mount', '--bind', directory, directory)
    await this.must('mount', '-o', 'remount,ro,bind', directory)
  }

  async unlock(directory: string): Promise<void> {
    this.locked.delete(directory)
    await this.must('umount', directory)
  }

  async stop(): Promise<void> {
    for (const door of this.doors.splice(0)) door.close()
    await this.inside.end()
  }

  private async must(file: string, ...args: string[]): Promise<void> {
    const {code, stderr} = await this.run(file, args)
    if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code ?? '?'}: ${stderr}`)
  }

  private get variables(): Record<string, string> {
    const own = {HOME: '/run/home', YARD_STATE_DIR: '/run/home/yard'}
    return {...own, ...passedOn(['YARD_HAPROXY', 'XDG_CACHE_HOME']), ...this.plan.variables}
  }
}

const stateDirectory = '/var/lib/yard'
const fillingFile = `${stateDirectory}/filling`

function nameOf(number: number): string {
  return `web-${number}`
}

function addressOf(number: number): string {
  return `10.77.1.${number}`
}

function wireOf(number: number): string {
  return `host${number}`
}

/** A program of this machine at work on another network. */
async function outside(namespaces: Namespaces, file: string, ...args: string[]): Promise<void> {
  const [nsenter, ...words] = namespaces.networkPrefix
  await promisify(execFile)(nsenter!, [...words, file, ...args])
}
