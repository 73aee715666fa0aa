import {readdirSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {
  descendants,
  type FleetSettings,
  type NspawnFleet,
  processRows,
  rootPlace,
  switchOn,
} from '../../../src/adapters/fleet-nspawn/index.js'
import {HostFaults, restartSsh} from './faults.js'

const bootMillis = 60_000

/** What an SSH server was asked for. */
export interface SshSeen {
  connections: number
  /** One line for each command, as the server says it. */
  commands: string[]
}

/** One host of the fleet. */
export class PracticeHost extends HostFaults {
  readonly name: string
  readonly address: string
  /** Its SSH host key, as in `ssh-ed25519 AAAA…`. */
  readonly sshKey: string

  constructor(
    private readonly fleet: NspawnFleet,
    private readonly settings: FleetSettings,
    {address, name, sshKey}: {name: string; address: string; sshKey: string},
  ) {
    super()
    this.name = name
    this.address = address
    this.sshKey = sshKey
  }

  /** Runs a program as root, not over SSH, and returns what it wrote to stdout. @throws YardError when it doesn't end well */
  run(file: string, ...args: string[]): Promise<string> {
    return this.fleet.inside(this.name).run([file, ...args])
  }

  /** Lines of shell. */
  sh(...lines: string[]): Promise<string> {
    return this.run('sh', '-c', ['set -e', ...lines].join('\n'))
  }

  /** Where one of its files is seen from here. */
  path(file: string): string {
    return path.join(`/proc/${this.holder()}/root${rootPlace}`, file)
  }

  /** What systemd says of a unit. */
  async unit(name: string): Promise<Record<string, string>> {
    const names = 'ActiveState,SubState,MainPID,NRestarts,Result,StatusText,Environment,ExecStart'
    const lines = (await this.run('systemctl', 'show', `--property=${names}`, name)).trim().split('\n')
    return Object.fromEntries(lines.map((line) => [line.split('=')[0]!, line.slice(line.indexOf('=') + 1)]))
  }

  /** The last of what its units said. */
  journal(...args: string[]): Promise<string> {
    return this.run('journalctl', '--no-pager', '--lines=60', ...args)
  }

  /** A place in what its SSH server has seen. */
  async sshMark(): Promise<string> {
    const shown = await this.run('journalctl', '--unit=ssh', '--lines=1', '--output=cat', '--show-cursor')
    return /^-- cursor: (.*)$/m.exec(shown)?.[1] ?? ''
  }

  /** What the SSH server was asked for since then. */
  async sshSince(mark: string): Promise<SshSeen> {
    await this.run('journalctl', '--sync')
    const words = [
      '--unit=ssh',
      '--output=cat',
      '--no-pager',
      ...(mark === '' ? [] : [`--after-cursor=${mark}`]),
    ]
    const lines = (await this.run('journalctl', ...words)).split('\n')
    return {
      connections: lines.filter((line) => /^Accepted \S+ for /.test(line)).length,
      commands: lines.filter((line) => line.startsWith('Starting session: ')),
    }
  }

  /** Has the SSH server tell of every session; done for each bare host. */
  async prepare(): Promise<void> {
    writeFileSync(this.path('/etc/ssh/sshd_config.d/50-told.conf'), 'LogLevel VERBOSE\n')
    await this.sh(restartSsh)
  }

  /** At once, as by its plug. What is on its disk stays. */
  async powerOff(): Promise<void> {
    const power = this.fleet.holders(this.name).power
    if (power === undefined) return
    this.undoing('power', () => this.powerOn())
    for (;;) {
      const rows = processRows()
      const own = rows.filter(({pid}) => pid === power)
      const all = [...own, ...descendants(rows, power)]
      if (all.length === 0) return
      for (const {pid} of all) killQuietly(pid)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Returns once it takes logins. */
  async powerOn(): Promise<void> {
    this.isUndone('power')
    const {id} = this.fleet
    const log = path.join(this.settings.directory, this.name, 'console.log')
    const inside = this.fleet.inside(this.name)
    if (!inside.isSwitchedOn()) {
      await switchOn(this.settings, {id, name: this.name, holder: this.holder(), log})
    }
    await inside.untilUp(this.address, log, AbortSignal.timeout(bootMillis))
  }

  /** Down in good order and up again, with what is on its disk. Returns once it takes logins. */
  async reboot(): Promise<void> {
    const before = this.fleet.inside(this.name).leader()
    await this.run('systemctl', '--no-block', 'reboot')
    const deadline = Date.now() + bootMillis
    while (this.fleet.inside(this.name).leader() === before) {
      if (Date.now() > deadline) throw new Error(`${this.name} does not go down`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await this.powerOn()
  }

  protected override holder(): number {
    const {holder} = this.fleet.holders(this.name)
    if (holder === undefined) throw new Error(`${this.name} is gone`)
    return holder
  }

  protected override switchHolder(): number {
    const {switchPid} = this.fleet.holders(this.name)
    if (switchPid === undefined) throw new Error('the network of the practice fleet is gone')
    return switchPid
  }

  protected override preloaded(): string {
    const libraries = readdirSync(this.path('/usr/lib')).filter((name) => name.endsWith('-linux-gnu'))
    return `/usr/lib/${libraries[0] ?? ''}/faketime/libfaketime.so.1`
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
