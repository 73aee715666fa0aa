import {chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterAll, beforeAll} from '@jest/globals'

import {HostInstances} from '../../../src/adapters/instance-host-ssh/instances.js'
import {commandLine} from '../../../src/adapters/shell-ssh/quote.js'
import {SshRemoteShell} from '../../../src/adapters/shell-ssh/index.js'
import {type HostFence, type InstanceSpec} from '../../../src/contracts/instance-host.js'
import {type StopOutcome} from '../../../src/contracts/process-manager.js'
import {sudoersFile, sudoersText} from '../../../src/domain/host-setup.js'
import {hostProgram, servicesDirectory, unitId, unitName} from '../../../src/domain/host-unit.js'
import {type InstanceStatus} from '../../../src/domain/instance.js'
import {packageRoot} from '../../e2e/support/sandbox.js'
import {
  describeOnPracticeFleet,
  type PracticeHost,
  type TestFleet,
} from '../../support/practice-fleet/index.js'
import {nodeProgram} from '../../support/practice-fleet/missing.js'

export const hostScript = path.join(packageRoot, 'templates/host/yard-host.sh')

/** Tests on one Debian that is ready for instances. It's there once they run, not while they are declared. */
export function describeOnDebian(title: string, tests: (debian: () => Debian) => void): void {
  describeOnPracticeFleet(title, {hosts: 1}, (fleet) => {
    let debian: Debian | undefined
    beforeAll(async () => {
      debian = await Debian.make(fleet())
    })
    afterAll(() => debian?.stop())
    tests(() => {
      if (debian === undefined) throw new Error('the host is not ready')
      return debian
    })
  })
}

/** A Debian that boots systemd, made ready for instances as `yard host setup` does, and a way to it over SSH. */
export class Debian {
  private readonly opened: HostInstances[] = []
  private readonly shells: SshRemoteShell[] = []
  private readonly directory = mkdtempSync(path.join(tmpdir(), 'yard-debian-'))

  private constructor(
    readonly machine: PracticeHost,
    private readonly identityFile: string,
  ) {}

  static async make(fleet: TestFleet): Promise<Debian> {
    const debian = new Debian(fleet.hosts[0]!, fleet.identityFile)
    await debian.makeReady()
    return debian
  }

  /** Where one of its files is seen from here. */
  path(file: string): string {
    return this.machine.path(file)
  }

  async stop(): Promise<void> {
    await Promise.all(this.opened.map((each) => each.close().catch(() => undefined)))
    await Promise.all(this.shells.map((each) => each.close().catch(() => undefined)))
    rmSync(this.directory, {recursive: true, force: true})
  }

  /** Another connection, of the deploy user unless it's said otherwise. */
  shell(user = 'yard'): SshRemoteShell {
    const {address, sshKey} = this.machine
    const shell = new SshRemoteShell({
      host: 'web-1',
      address,
      user,
      identityFile: this.identityFile,
      pinnedKeys: [sshKey],
      acceptsNewKey: false,
      homeDirectory: this.directory,
      localUser: 'root',
      configFile: 'none',
    })
    this.shells.push(shell)
    return shell
  }

  instances(shell: SshRemoteShell = this.shell()): HostInstances {
    const instances = new HostInstances(shell)
    this.opened.push(instances)
    return instances
  }

  /** A release that is there, whose files are given with their text. */
  release(service: string, number: number, files: Readonly<Record<string, string>> = {}): void {
    const directory = this.path(`${servicesDirectory}/${service}/releases/r${number}`)
    mkdirSync(directory, {recursive: true})
    for (const [name, text] of Object.entries({'release.json': '{}\n', ...files})) {
      writeFileSync(path.join(directory, name), text)
      chmodSync(path.join(directory, name), 0o644)
    }
    for (const each of [
      directory,
      path.dirname(directory),
      path.dirname(path.dirname(directory)),
      this.path(servicesDirectory),
    ])
      chmodSync(each, 0o755)
  }

  /** What the program of root ends with and says, called as root there. @param input a redirection of its stdin */
  async yardHost(input: string, ...args: string[]): Promise<{code: number; said: string}> {
    const line = `"$@" ${input} 2>&1; echo " $?"`
    const output = await this.machine.run('sh', '-c', line, 'sh', hostProgram, ...args)
    const [, said = '', code] = /^([^]*?) ?(\d+)\n$/.exec(output) ?? []
    return {code: Number(code), said}
  }

  /** What it ends with for each list of words, with nothing on stdin. */
  async yardHostCodes(calls: readonly (readonly string[])[]): Promise<number[]> {
    const lines = calls.map(
      (words) => `${commandLine([hostProgram, ...words])} < /dev/null > /dev/null 2>&1; echo $?`,
    )
    writeFileSync(this.path('/root/calls'), lines.join('\n'))
    const output = await this.machine.run('sh', '/root/calls')
    await this.machine.run('rm', '/root/calls')
    return output.trim().split('\n').map(Number)
  }

  /** Names, kinds and sizes of all files that something could have been made or changed in. */
  files(): Promise<string> {
    const places =
      '/etc /root /home /tmp /usr/lib/yard /var/lib/yard /var/lib/yard-host /var/lib/yard-services /srv /run/yard-host'
    return this.machine.sh(`find ${places} -printf '%p %y %s %m %U\\n' 2>/dev/null | sort || true`)
  }

  /** What a server on a port of the host answers to itself. */
  fetch(port: number): Promise<string> {
    const text = `fetch("http://127.0.0.1:${port}/").then((r) => r.text()).then((t) => process.stdout.write(t))`
    return this.machine.run(nodeProgram, '-e', text)
  }

  /** Cuts off everybody who is logged in. */
  async cut(): Promise<void> {
    await this.machine.run('pkill', '-KILL', '-f', '^sshd: yard')
  }

  /** Properties of the unit of an instance. */
  async unit(id: string, ...names: string[]): Promise<Record<string, string>> {
    const output = await this.machine.run(
      'systemctl',
      'show',
      `--property=${names.join()}`,
      unitName(unitId(id)!),
    )
    const lines = output.trim().split('\n')
    return Object.fromEntries(lines.map((line) => [line.split('=')[0]!, line.slice(line.indexOf('=') + 1)]))
  }

  private async makeReady(): Promise<void> {
    mkdirSync(path.dirname(this.path(hostProgram)), {recursive: true})
    copyFileSync(hostScript, this.path(hostProgram))
    chmodSync(this.path(hostProgram), 0o755)
    const home = '/var/lib/yard-deploy'
    await this.machine.sh(
      `useradd --system --create-home --home-dir ${home} --shell /bin/sh yard`,
      `mkdir -p ${home}/.ssh`,
      `cp /root/.ssh/authorized_keys ${home}/.ssh/`,
      `chmod 755 ${home}/.ssh`,
      `chmod 644 ${home}/.ssh/authorized_keys`,
      'install -d -o yard -g yard -m 700 /var/lib/yard',
      `install -d -o yard -g yard -m 755 ${servicesDirectory}`,
    )
    writeFileSync(this.path(sudoersFile), sudoersText, {mode: 0o440})
  }
}

/** Instances that a test starts, and that are ended after it. */
export class Started {
  instances: HostInstances
  private readonly ids = new Set<string>()

  constructor(readonly debian: Debian) {
    this.instances = debian.instances()
  }

  /** From here on by another connection. */
  reconnect(): void {
    this.instances = this.debian.instances()
  }

  async start(...specs: InstanceSpec[]): Promise<void> {
    for (const {id} of specs) this.ids.add(id)
    await this.instances.start(specs, fence(1))
  }

  async status(id: string): Promise<InstanceStatus | undefined> {
    return (await this.instances.statuses([id])).get(id)
  }

  /** As soon as it is as wanted. */
  statusWhen(
    what: string,
    id: string,
    isWanted: (found: InstanceStatus) => boolean,
  ): Promise<InstanceStatus> {
    return until(what, async () => {
      const found = await this.status(id)
      return found !== undefined && isWanted(found) ? found : undefined
    })
  }

  stop(id: string, graceMillis = 1_500): Promise<ReadonlyMap<string, StopOutcome>> {
    return this.instances.stop({fence: fence(1), ids: [id], graceMillis})
  }

  async untilOwned(id: string, port: number): Promise<void> {
    await until(`${id} has its port`, async () =>
      (await this.instances.ownsPort(id, port)) === true ? true : undefined,
    )
  }

  /** At least so many, once they are there. */
  lines(id: string, count: number): Promise<string[]> {
    return until(`${count} lines of ${id}`, async () => {
      const all = await this.instances.lastLines(id, 100)
      return all.length >= count ? all : undefined
    })
  }

  async endAll(): Promise<void> {
    if (this.ids.size > 0) await this.instances.stop({fence: fence(1), ids: [...this.ids], graceMillis: 200})
    this.ids.clear()
  }
}

export function fence(number: number, service = 'billing'): HostFence {
  return {environment: 'staging', service, number}
}

export function spec(id: string, line: string, changes: Partial<InstanceSpec> = {}): InstanceSpec {
  const [, service = '', release = '', process = 'web'] =
    /^(.+)-r(\d+)(?:\.([a-z-]+))?(?:\.\d+)?@/.exec(id) ?? []
  return {
    id,
    service,
    release: Number(release),
    process,
    environment: 'staging',
    line,
    variables: {},
    limits: {},
    graceMillis: 2_000,
    ...changes,
  }
}

/** A web server that answers each request with the given text. */
export function server(text: string): string {
  return `exec ${nodeProgram} -e 'require("http").createServer((q, s) => s.end("${text}")).listen(process.env.PORT)'`
}

export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  millis = 40_000,
): Promise<T> {
  const deadline = Date.now() + millis
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
