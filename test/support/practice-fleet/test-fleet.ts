import {spawn} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {cgroupDirectories, type FleetSettings, NspawnFleet} from '../../../src/adapters/fleet-nspawn/index.js'
import {keys} from '../../../src/catalog/keys.js'
import {type FleetState} from '../../../src/contracts/practice-fleet.js'
import {type Environment, type Host} from '../../../src/domain/environment.js'
import {practiceEnvironmentName} from '../../../src/domain/fleet.js'
import {machineSettings} from './missing.js'
import {PracticeHost} from './practice-host.js'

/** One directory for each jest process below it. */
const place = path.join(tmpdir(), `yard-test-fleets-${process.getuid?.() ?? 0}`)

/** The fleet of this process; nothing of it outlives the process. */
export function testFleetSettings(): FleetSettings {
  return {...machineSettings(), directory: path.join(place, String(process.pid)), endsWithProgram: true}
}

/** Has the hosts up to this number run, as whichever test file was there before left them. */
export async function sharedFleet(count: number): Promise<TestFleet> {
  await removeForgotten()
  const fleet = new NspawnFleet(testFleetSettings())
  const state = await upOf(fleet, count)
  sweepAfterwards(fleet, state)
  return new TestFleet(fleet, state, count)
}

/** The hosts that tests share. */
export class TestFleet {
  readonly hosts: readonly PracticeHost[]

  constructor(
    private readonly fleet: NspawnFleet,
    private state: FleetState,
    count: number,
  ) {
    this.hosts = state.hosts
      .slice(0, count)
      .map(({address, name, sshKey}) => new PracticeHost(fleet, testFleetSettings(), {address, name, sshKey}))
  }

  /** The address under which hosts reach this machine. */
  get gateway(): string {
    return this.state.gateway
  }

  /** Logs in as root everywhere. */
  get identityFile(): string {
    return this.state.identityFile
  }

  /** Makes hosts as bare as new machines. Their addresses and SSH keys stay. */
  async reset(...hosts: readonly PracticeHost[]): Promise<void> {
    await Promise.all(hosts.map((host) => host.recover()))
    await this.fleet.end(hosts.map(({name}) => name))
    this.state = await upOf(this.fleet, this.hosts.length)
    await Promise.all(hosts.map((host) => host.prepare()))
  }

  resetAll(): Promise<void> {
    return this.reset(...this.hosts)
  }

  /** Undoes every fault, also when the test that made it failed. */
  async recover(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.recover()))
  }

  /**
   * Has every `yard` with this state directory log in to these hosts by itself, as if its own `yard fleet up` had made
   * them, once their records are in its catalog.
   */
  lendTo(stateDirectory: string): void {
    const link = path.join(stateDirectory, 'fleet')
    mkdirSync(stateDirectory, {recursive: true})
    if (!existsSync(link)) symlinkSync(testFleetSettings().directory, link)
  }

  /** Records of an environment with these hosts, by their keys. Only hosts of `practice` are logged in to by themselves. */
  records(environment = practiceEnvironmentName): Record<string, Environment | Host> {
    const record: Environment = {
      v: 1,
      name: environment,
      kind: 'hosts',
      router: {address: '127.0.0.1', port: 7070, header: 'Yard-Service'},
    }
    const hosts = this.hosts.map(({address, name, sshKey}): [string, Host] => [
      keys.host(environment, name),
      {v: 1, name, environment, address, description: '', sshKeys: [sshKey]},
    ])
    return {[keys.environment(environment)]: record, ...Object.fromEntries(hosts)}
  }
}

async function upOf(fleet: NspawnFleet, count: number): Promise<FleetState> {
  return fleet.up({
    environment: practiceEnvironmentName,
    count,
    report: () => undefined,
    signal: AbortSignal.timeout(120_000),
  })
}

/**
 * The hosts end with this process, however it ends; their cgroups and the files of the fleet are removed by a shell that
 * waits for that: its stdin is closed then.
 */
function sweepAfterwards({id}: NspawnFleet, {hosts}: FleetState): void {
  const {directory} = testFleetSettings()
  const told = path.join(directory, `swept-${hosts.length}`)
  if (existsSync(told)) return
  writeFileSync(told, '')
  const lines = [
    'cat > /dev/null',
    'directory=$1; shift',
    'for attempt in $(seq 50); do',
    '  find "$@" -depth -type d -exec rmdir {} \\; 2>/dev/null',
    '  ls -d "$@" 2>/dev/null | grep -q . || break',
    '  sleep 0.1',
    'done',
    'rm -rf "$directory"',
  ]
  const cgroups = hosts.flatMap(({name}) => cgroupDirectories(id, name))
  const sweeper = spawn('sh', ['-c', lines.join('\n'), 'sh', directory, ...cgroups], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  sweeper.unref()
  ;(sweeper.stdin as unknown as {unref(): void}).unref()
}

/** Of jest processes that are no more: their hosts ended with them, and left files and cgroups. */
async function removeForgotten(): Promise<void> {
  mkdirSync(place, {recursive: true, mode: 0o700})
  for (const name of readdirSync(place)) {
    if (existsSync(`/proc/${name}`)) continue
    const directory = path.join(place, name)
    await new NspawnFleet({...testFleetSettings(), directory}).end()
    rmSync(directory, {recursive: true, force: true})
  }
}
