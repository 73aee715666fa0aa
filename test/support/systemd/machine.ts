import {execFile} from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'

import {findNspawn} from '../../../scripts/bootstrap/nspawn.mjs'
import {type NetworkHost, type StartedProgram} from '../network/hosts.js'
import {debianFiles, nodeProgram, overlayLines} from '../practice-fleet/missing.js'
import {makeKey} from '../ssh/sshd.js'

const place = '/run/debian'
/** What systemd-nspawn ends with when the machine inside wants to start again. */
const wantsReboot = 133
const bootMillis = 60_000
const cgroupPrefix = 'yard-debian-'
const cgroupName = `${cgroupPrefix}${process.pid}`

/** A Debian that boots systemd, with the network of a host: its loopback and its address are the host's own. */
export class SystemdMachine {
  private program: StartedProgram | undefined

  private constructor(private readonly host: NetworkHost) {}

  /** Whoever has the key whose public half is given may log in as root. */
  static async boot(host: NetworkHost, publicKey: string): Promise<SystemdMachine> {
    const lines = [
      'set -e',
      `mkdir ${place}`,
      `mount -t tmpfs tmpfs ${place}`,
      ...overlayLines(debianFiles(), place),
    ]
    const {code, stderr} = await host.run('sh', ['-c', lines.join('\n')])
    if (code !== 0) throw new Error(`no place for a Debian: ${stderr}`)
    const root = host.path(`${place}/root`)
    mkdirSync(path.join(root, 'root/.ssh'), {recursive: true, mode: 0o700})
    writeFileSync(path.join(root, 'root/.ssh/authorized_keys'), publicKey, {mode: 0o600})
    writeFileSync(path.join(root, 'etc/hostname'), `${host.name}\n`)
    makeKey('ed25519', path.join(root, 'etc/ssh/ssh_host_ed25519_key'))
    removeForgottenCgroups()
    const machine = new SystemdMachine(host)
    await machine.start()
    return machine
  }

  /** Returns what a program of the machine wrote. @throws Error when it doesn't end well */
  async run(file: string, ...args: string[]): Promise<string> {
    const inside = ['-t', String(this.leader()), '--net', '--mount', '--pid', '--uts', '--ipc', '--cgroup']
    const variables = ['-i', 'PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C.UTF-8']
    return new Promise((resolve, reject) => {
      execFile('nsenter', [...inside, '--', 'env', ...variables, file, ...args], (error, stdout, stderr) => {
        if (error === null) resolve(stdout)
        else reject(new Error(`${file} ${args.join(' ')}: ${stdout}${stderr}`))
      })
    })
  }

  /** What systemd says of a unit. */
  async unit(name: string): Promise<Record<string, string>> {
    const names = 'ActiveState,SubState,MainPID,NRestarts,Result,StatusText'
    const lines = (await this.run('systemctl', 'show', `--property=${names}`, name)).trim().split('\n')
    return Object.fromEntries(lines.map((line) => [line.split('=')[0]!, line.slice(line.indexOf('=') + 1)]))
  }

  /** Sends a signal to the main process of a unit. */
  async signal(unit: string, signal: 'KILL' | 'STOP'): Promise<void> {
    await this.run('kill', `-${signal}`, (await this.unit(unit))['MainPID']!)
  }

  /** The last of what systemd and the sidecar said. */
  journal(): Promise<string> {
    return this.run('journalctl', '--no-pager', '--lines=40', '--identifier=systemd', '--identifier=node')
  }

  /** Down and up again, with what is on its disk. */
  async reboot(): Promise<void> {
    const before = this.program
    await this.run('systemctl', '--no-block', 'reboot')
    const ended = await before?.ended
    if (ended?.code !== wantsReboot) throw new Error(`the machine ended with ${ended?.code ?? '?'}`)
    await this.start()
  }

  private async start(): Promise<void> {
    const lines = ['set -e', ...cgroupLines(), 'exec "$@"']
    const network = '--network-namespace-path=/proc/self/ns/net'
    const words = [findNspawn()!, '--boot', '--register=no', '--keep-unit', network]
    const more = [`--bind-ro=${process.execPath}:${nodeProgram}`, '-D', `${place}/root`]
    // Of the kind that Debian has: with the older one systemd isn't told when a unit's last process ended.
    const env = {SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1'}
    this.program = this.host.start('sh', ['-c', lines.join('\n'), 'sh', ...words, ...more], {env})
    const deadline = Date.now() + bootMillis
    let state = ''
    while (!/^(?:running|degraded)/.test(state)) {
      if (Date.now() > deadline) throw new Error(`it does not boot: ${state}${this.program.output()}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
      state = await this.run('systemctl', 'is-system-running').catch(String)
      if (state.includes('degraded')) state = 'degraded'
    }
  }

  /** The first process of the machine, by its number out here. */
  private leader(): number {
    const outer = namespaceOf(this.program?.child.pid)
    const waiting = [this.program?.child.pid]
    for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
      for (const child of childrenOf(pid)) {
        const own = namespaceOf(child)
        if (own !== undefined && own !== outer && own !== namespaceOf(this.host.inside.pid)) return child
        waiting.push(child)
      }
    }
    throw new Error(`the machine does not run: ${this.program?.output() ?? ''}`)
  }
}

/** After the end of the machine: namespaces take everything along but the directories of its cgroups. */
export async function removeCgroups(): Promise<void> {
  const deadline = Date.now() + 5_000
  for (const hierarchy of hierarchies()) {
    const directory = path.join(hierarchy, cgroupName)
    while (!isRemoved(directory) && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** Of a test that was killed. */
function removeForgottenCgroups(): void {
  for (const hierarchy of hierarchies()) {
    for (const name of readdirSync(hierarchy)) {
      if (!name.startsWith(cgroupPrefix) || existsSync(`/proc/${name.slice(cgroupPrefix.length)}`)) continue
      isRemoved(path.join(hierarchy, name))
    }
  }
}

/** Lines of shell that put their shell into a cgroup of its own. */
function cgroupLines(): string[] {
  return hierarchies().flatMap((hierarchy) => {
    const directory = path.join(hierarchy, cgroupName)
    return [`mkdir -p '${directory}'`, `echo $$ > '${directory}/cgroup.procs'`]
  })
}

/** Where systemd keeps its cgroups: those of version 2, and beside them on some machines its own of version 1. */
function hierarchies(): string[] {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n')
  return mounts
    .map((line) => line.split(' '))
    .filter(([, , kind, options = '']) => kind === 'cgroup2' || options.split(',').includes('name=systemd'))
    .map(([, directory]) => directory!)
}

function isRemoved(directory: string): boolean {
  try {
    for (const entry of readdirSync(directory, {withFileTypes: true}))
      if (entry.isDirectory()) isRemoved(path.join(directory, entry.name))
    rmdirSync(directory)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number)
  } catch {
    return []
  }
}

function namespaceOf(pid: number | undefined): string | undefined {
  try {
    return readlinkSync(`/proc/${pid ?? 'self'}/ns/pid`)
  } catch {
    return undefined
  }
}
