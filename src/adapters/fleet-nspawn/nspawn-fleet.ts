import {createHash} from 'node:crypto'
import {existsSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'

import {
  type FleetHostState,
  type FleetState,
  type FleetUpRequest,
  type PracticeFleet,
} from '../../contracts/practice-fleet.js'
import {
  chooseSubnet,
  fleetAddress,
  type FleetFile,
  fleetGateway,
  fleetHostNames,
  isSubnetTaken,
} from '../../domain/fleet.js'
import {YardError} from '../../errors.js'
import {baseDirectory, makeBase} from './base.js'
import {removeCgroups} from './cgroups.js'
import {withFileLock} from './file-lock.js'
import {makeHostHolder, makeSwitchHolder, rootPlace, switchPart} from './holder.js'
import {fleetId, holderOf, markedParts, markedRows, powerOf} from './marks.js'
import {HostInside, switchOn} from './power.js'
import {processRows} from './process-rows.js'
import {fleetFault} from './programs.js'
import {Remembered} from './remembered.js'
import {type FleetSettings} from './settings.js'
import {connectHost, connectMachine, disconnectMachine, takenNetworks} from './wires.js'

const lockMillis = 900_000
const endMillis = 20_000
const usualDiskMegabytes = 2_048

/**
 * Hosts that systemd-nspawn boots from one Debian, each with a disk in memory and a network of its own. Everything of a
 * host is in namespaces that one process holds, and is found again by the words of that process.
 */
export class NspawnFleet implements PracticeFleet {
  private readonly remembered: Remembered
  readonly id: string

  constructor(private readonly settings: FleetSettings) {
    this.remembered = new Remembered(settings.directory)
    this.id = fleetId(settings.directory)
  }

  /** The network interface of this machine that leads to the hosts. */
  get interfaceName(): string {
    return `yf-${this.id}`
  }

  async state(): Promise<FleetState | undefined> {
    const file = this.remembered.file()
    return file === undefined ? undefined : this.stateOf(file)
  }

  async up(request: FleetUpRequest): Promise<FleetState> {
    const fault = fleetFault(this.settings, existsSync(baseDirectory(this.settings)))
    if (fault !== undefined)
      throw new YardError('E_FLEET', {what: "Can't start a practice fleet here", ...fault})
    this.remembered.prepare()
    return this.locked(request.signal, async () => {
      await this.makeBase(request)
      const file = await this.chooseFile(request)
      await step(request, 'hosts', `Starting ${file.hosts} ${file.hosts === 1 ? 'host' : 'hosts'}`, () =>
        this.startAll(file, request),
      )
      return this.stateOf(file)
    })
  }

  async end(names?: readonly string[]): Promise<string[]> {
    if (process.platform !== 'linux') return []
    const fault = fleetFault(this.settings, true, 'down')
    if (fault !== undefined)
      throw new YardError('E_FLEET', {what: "Can't end a practice fleet here", ...fault})
    this.remembered.prepare()
    return this.locked(undefined, async () => {
      const there = [...markedParts(processRows(), this.id)].filter((part) => part !== switchPart)
      const wanted = there.filter((part) => names === undefined || names.includes(part)).sort(byNumber)
      for (const part of names ?? [undefined]) await this.endPart(part)
      if (names === undefined) await disconnectMachine(this.settings, this.interfaceName)
      await removeCgroups(this.id, names)
      return wanted
    })
  }

  async forget(): Promise<void> {
    this.remembered.forget()
  }

  /** What can be done with one of the hosts, by its name. */
  inside(name: string): HostInside {
    return new HostInside(this.settings, this.id, name)
  }

  /** The numbers of the processes that hold the network, and a host. */
  holders(name: string): {
    switchPid: number | undefined
    holder: number | undefined
    power: number | undefined
  } {
    const rows = processRows()
    return {
      switchPid: holderOf(rows, this.id, switchPart),
      holder: holderOf(rows, this.id, name),
      power: powerOf(rows, this.id, name),
    }
  }

  private locked<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const options = {waitMillis: lockMillis, ...(signal && {signal})}
    return withFileLock(this.settings, this.settings.directory, options, work)
  }

  private async makeBase(request: FleetUpRequest): Promise<void> {
    if (existsSync(baseDirectory(this.settings))) return
    const title = 'Making the Debian that hosts start from: once, about a minute'
    await step(request, 'base', title, () => makeBase(this.settings, request.signal))
    await request.reached?.('base')
  }

  /** Addresses stay what they were as long as nobody else took them. */
  private async chooseFile({count, environment, reached}: FleetUpRequest): Promise<FleetFile> {
    const before = this.remembered.file()
    const taken = await takenNetworks(this.settings, this.interfaceName)
    const kept = before !== undefined && !isSubnetTaken(before.subnet, taken) ? before.subnet : undefined
    const subnet = kept ?? chooseSubnet(taken, Number.parseInt(this.id, 16))
    if (subnet === undefined) throw noSubnet()
    // Hosts with other addresses are made anew: theirs are all over their disks.
    if (before !== undefined && kept === undefined) await this.endPart(undefined)
    const file = {v: 1 as const, environment, subnet, hosts: Math.max(count, before?.hosts ?? 0)}
    this.remembered.makeKeys(fleetHostNames(file.hosts))
    await reached?.('keys')
    this.remembered.keep(file)
    await reached?.('remembered')
    return file
  }

  private async startAll(file: FleetFile, request: FleetUpRequest): Promise<void> {
    const switchPid = await this.ensureSwitch(file, request)
    const names = fleetHostNames(file.hosts)
    await allOf(
      names.map((name, index) => this.ensureHost({file, name, number: index + 1, switchPid}, request)),
    )
  }

  private async ensureSwitch({subnet}: FleetFile, {reached, signal}: FleetUpRequest): Promise<number> {
    const found = holderOf(processRows(), this.id, switchPart)
    if (found === undefined) await this.endPart(switchPart)
    const log = `${this.settings.directory}/switch.log`
    const switchPid = found ?? (await makeSwitchHolder(this.settings, this.id, log))
    await reached?.('network')
    const address = fleetGateway(subnet)
    const wire = {switchPid, port: 'uplink', own: this.interfaceName, address}
    await connectMachine(this.settings, wire, {signal})
    await reached?.('connected')
    return switchPid
  }

  private async ensureHost(
    {file, name, number, switchPid}: {file: FleetFile; name: string; number: number; switchPid: number},
    {reached, signal}: FleetUpRequest,
  ): Promise<void> {
    const address = fleetAddress(file.subnet, number)
    const log = this.remembered.consoleFile(name)
    const found = holderOf(processRows(), this.id, name)
    // What was left in the middle of being made is of no use.
    if (found === undefined) await this.endPart(name)
    const holder = found ?? (await this.makeHolder(name, log))
    await reached?.('disk')
    await connectHost(this.settings, {switchPid, port: `port-${number}`, holder, address}, {signal})
    await reached?.('wire')
    const inside = this.inside(name)
    if (!inside.isSwitchedOn()) await switchOn(this.settings, {id: this.id, name, holder, log})
    await reached?.('power')
    await inside.untilUp(address, log, signal)
  }

  private makeHolder(name: string, log: string): Promise<number> {
    const disk = {
      name,
      base: baseDirectory(this.settings),
      megabytes: this.settings.diskMegabytes ?? usualDiskMegabytes,
      machineId: createHash('sha256').update(`${this.id} ${name}`).digest('hex').slice(0, 32),
      keyFile: this.remembered.hostKeyFile(name),
      authorizedKeys: `${this.remembered.identityFile}.pub`,
    }
    return makeHostHolder(this.settings, this.id, disk, log)
  }

  /** Ends every process of a part, or of all, with everything in its namespaces. */
  private async endPart(part: string | undefined): Promise<void> {
    const deadline = Date.now() + endMillis
    for (;;) {
      const rows = markedRows(processRows(), this.id, part)
      if (rows.length === 0) return
      for (const {pid} of rows) killQuietly(pid)
      if (Date.now() > deadline) throw doesNotEnd(part ?? 'the practice fleet', rows.length)
      await sleep(20)
    }
  }

  private async stateOf(file: FleetFile): Promise<FleetState> {
    const names = fleetHostNames(file.hosts)
    return {
      environment: file.environment,
      gateway: fleetGateway(file.subnet),
      identityFile: this.remembered.identityFile,
      hosts: await Promise.all(names.map((name, index) => this.hostState(file, name, index + 1))),
    }
  }

  private async hostState(file: FleetFile, name: string, number: number): Promise<FleetHostState> {
    const known = {name, address: fleetAddress(file.subnet, number), sshKey: this.remembered.hostKey(name)}
    const {holder, power} = this.holders(name)
    if (holder === undefined) return {...known, state: 'gone', isSetUp: false}
    const isSetUp = existsSync(`/proc/${holder}/root${rootPlace}/usr/lib/yard/yard-host`)
    if (power === undefined) return {...known, state: 'off', isSetUp}
    const systemd = await this.inside(name).systemdState()
    const isUp = systemd === 'running' || systemd === 'degraded'
    return {...known, state: isUp ? 'running' : 'starting', ...(systemd !== undefined && {systemd}), isSetUp}
  }
}

async function step<T>(
  {report}: Pick<FleetUpRequest, 'report'>,
  name: string,
  title: string,
  work: () => Promise<T>,
): Promise<T> {
  const startedAt = performance.now()
  const finish = (outcome: 'done' | 'failed') =>
    report({kind: 'step-finished', step: name, outcome, millis: Math.round(performance.now() - startedAt)})
  report({kind: 'step-started', step: name, title})
  try {
    const result = await work()
    finish('done')
    return result
  } catch (error) {
    finish('failed')
    throw error
  }
}

/** Waits for all of them also when one fails, so that none is at work when this is over. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((each) => each.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}

function byNumber(left: string, right: string): number {
  return left.localeCompare(right, 'en', {numeric: true})
}

function noSubnet(): YardError {
  return new YardError('E_FLEET', {
    what: "Can't find addresses for a practice fleet",
    why: 'all networks from 10.213.0.0 to 10.213.255.255 are taken on this machine',
    next: ['ip route show table all'],
  })
}

function doesNotEnd(what: string, count: number): YardError {
  return new YardError('E_FLEET', {
    what: `Can't end ${what}`,
    why: `${count} ${count === 1 ? 'process' : 'processes'} did not end within ${endMillis / 1_000} s`,
    next: ['yard fleet down   # once more'],
  })
}
