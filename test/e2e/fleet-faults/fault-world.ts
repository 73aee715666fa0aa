import {type ChildProcess} from 'node:child_process'

import {expect} from '@jest/globals'

import {type Load, startLoad} from '../../../scripts/demo/load.mjs'
import {openSqliteStore} from '../../../src/adapters/store-sqlite/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type Store} from '../../../src/contracts/store.js'
import {type Environment} from '../../../src/domain/environment.js'
import {unitName} from '../../../src/domain/host-unit.js'
import {type PracticeHost, type TestFleet} from '../../support/practice-fleet/index.js'
import {PlainService} from '../support/plain-service.js'
import {type Ended, Sandbox} from '../support/sandbox.js'
import {addHoldingHook, whileHeld} from './held-deploy.js'

const environment = 'practice'
const serviceName = 'sturdy'
const requestsPerSecond = 50
const settledMillis = 30_000

/** One that isn't a file of the sandbox. */
export interface OtherCatalog {
  /** That have `yard` use it. */
  variables: Record<string, string>
  open: () => Promise<Store>
}

/** What is done to a deploy, and when. */
export interface Interference {
  flags?: readonly string[]
  /** Waits until the deploy has written this to stderr; a step is told when it is over. */
  at: string | RegExp
  fault: (hosts: readonly PracticeHost[], yard: ChildProcess) => Promise<unknown>
  variables?: Record<string, string>
}

/** A service that is live on a fleet, with requests to it on every host, for tests that break something meanwhile. */
export class FaultWorld {
  readonly sandbox = new Sandbox()
  readonly service: PlainService
  private loads = new Map<string, Load>()
  private changes = 0

  private constructor(
    readonly fleet: TestFleet,
    private readonly other?: OtherCatalog,
  ) {
    this.service = new PlainService(this.sandbox, serviceName)
  }

  /** Sets the hosts up and deploys for the first time. */
  static async start(fleet: TestFleet, catalog?: OtherCatalog): Promise<FaultWorld> {
    const world = new FaultWorld(fleet, catalog)
    const {sandbox} = world
    Object.assign(sandbox.variables, catalog?.variables)
    world.service.configure({stable: '200ms'})
    const records = fleet.records(environment)
    const record = records[keys.environment(environment)] as Environment
    // So that requests can come from this machine.
    record.router.address = '0.0.0.0'
    fleet.lendTo(sandbox.state)
    await world.plant(records)
    await Promise.all(
      fleet.hosts.map(({name}) => sandbox.mustRun(['host', 'setup', name, '--env', environment])),
    )
    await sandbox.mustRun(['register'], {cwd: world.service.root})
    await world.mustDeploy()
    return world
  }

  /** Deploys something new, without any interference. @throws Error with what it wrote when it doesn't end well */
  async mustDeploy(...flags: string[]): Promise<void> {
    this.change()
    await this.sandbox.mustRun(['deploy', '--env', environment, ...flags], {cwd: this.service.root})
  }

  /** Deploys something new, however that ends. */
  deployChange(): Promise<Ended> {
    this.change()
    return this.deploy()
  }

  /** Deploys what is there, however it ends. */
  deploy(...flags: string[]): Promise<Ended> {
    return this.sandbox.yard(['deploy', '--env', environment, ...flags], {cwd: this.service.root})
  }

  /** Deploys something new, and does something to the hosts in the middle. */
  async deployWhile({at, fault, flags = [], variables = {}}: Interference): Promise<Ended> {
    this.change()
    let done: Promise<unknown> | undefined
    const ended = await this.sandbox.yard(['deploy', '--env', environment, ...flags], {
      cwd: this.service.root,
      env: variables,
      whileRunning: (child, written) => {
        child.stderr?.on('data', () => {
          if (written().search(at) >= 0) done ??= fault(this.fleet.hosts, child)
        })
      },
    })
    if (done === undefined) throw new Error(`it never wrote "${String(at)}": ${ended.stdout}${ended.stderr}`)
    await done
    return ended
  }

  /** Deploys something new that stops after the look at the hosts, before anything is changed there, until the fault is there. */
  async deployHeld(
    fault: (hosts: readonly PracticeHost[]) => Promise<unknown>,
    ...flags: string[]
  ): Promise<Ended> {
    addHoldingHook(this.service)
    this.change()
    return whileHeld(
      this.sandbox.home,
      () => this.deploy(...flags),
      () => fault(this.fleet.hosts),
    )
  }

  /** What `yard deploy show` says of the newest deploy, one blank between its words. */
  async shown(): Promise<string> {
    const list = ['deploy', 'list', serviceName, '--env', environment, '--limit', '1']
    const [newest] = await this.sandbox.json<{number: number}[]>(list)
    const which = [String(newest?.number ?? 0), '--service', serviceName, '--env', environment]
    const {stdout} = await this.sandbox.mustRun(['deploy', 'show', ...which])
    return stdout.replace(/ +/g, ' ')
  }

  /** Runs the very line that begins so of those that were advised, in the directory of the service. */
  async take(shown: string, beginning: string): Promise<void> {
    const lines = shown.slice(shown.indexOf('Next:')).split('\n')
    const line = lines.map((each) => each.trim()).find((each) => each.startsWith(beginning))
    if (line === undefined) throw new Error(`nobody advised ${beginning}: ${shown}`)
    await this.sandbox.mustRun(line.split(' ').slice(1), {cwd: this.service.root})
  }

  /** Everybody who is asked says that the live release, and nothing else, runs everywhere and has the traffic. */
  async agrees(): Promise<void> {
    const {live = 0} = await this.truth()
    const where = [serviceName, '--env', environment]
    const {processes} = await this.sandbox.json<{processes: Record<string, unknown>[]}>(['ps', ...where])
    const listed = processes.map(({hasTraffic, host, release, state}) => ({hasTraffic, host, release, state}))
    const running = {hasTraffic: true, release: live, state: 'running'}
    expect(listed).toEqual(this.fleet.hosts.map(({name}) => ({...running, host: name})))
    const {services} = await this.sandbox.json<{
      services: {release: number; instances: {host: string; release: number}[]}[]
    }>(['status', ...where])
    expect(services).toMatchObject([
      {release: live, instances: this.fleet.hosts.map(({name}) => ({host: name, release: live}))},
    ])
  }

  /** Starts a deploy of something new that is killed there, by `YARD_FAILPOINT`. Returns what is shown of it then. */
  async deployKilledAt(failpoint: string): Promise<string> {
    this.change()
    const killed = await this.sandbox.yard(['deploy', '--env', environment], {
      cwd: this.service.root,
      env: {YARD_FAILPOINT: failpoint},
    })
    if (killed.signal !== 'SIGKILL') throw new Error(`it was not killed: ${killed.stdout}${killed.stderr}`)
    return this.shown()
  }

  /** Requests to the service through the HAProxy of every host, until `lost` is asked. */
  startLoad(): void {
    // Those of a test that failed.
    for (const load of this.loads.values()) void load.stop()
    for (const {address, name} of this.fleet.hosts) {
      const headers = {'Yard-Service': serviceName}
      this.loads.set(name, startLoad({url: `http://${address}:7070/`, headers, perSecond: requestsPerSecond}))
    }
  }

  /** How many requests each host lost, but for the hosts that are to be left out, and why the first was. */
  async lost(...leftOut: readonly string[]): Promise<Record<string, string>> {
    const loads = [...this.loads]
    this.loads.clear()
    const counts = await Promise.all(loads.map(async ([name, load]) => [name, await load.stop()] as const))
    return Object.fromEntries(
      counts
        .filter(([name, {failed}]) => failed > 0 && !leftOut.includes(name))
        .map(([name, {failed, firstFailure}]) => [name, `${failed}: ${firstFailure ?? ''}`]),
    )
  }

  /** What runs on each host as its systemd says, what the catalog says to run there, and what has the traffic. */
  async truth(): Promise<{
    runs: Record<string, string[]>
    wanted: Record<string, string[]>
    live: number | undefined
  }> {
    const catalog = new Catalog(await this.open())
    try {
      const {records} = await catalog.instances.list(keys.instances(environment, serviceName))
      const binding = await catalog.bindings.get(keys.binding(environment, serviceName))
      const wanted = this.fleet.hosts.map(({name}): [string, string[]] => [
        name,
        records
          .filter(({record}) => record.host === name && record.state !== 'down')
          .map(({record}) => unitName(record.id.slice(0, record.id.indexOf('@'))))
          .sort(),
      ])
      const runs = this.fleet.hosts.map(async (host): Promise<[string, string[]]> => [
        host.name,
        await unitsOn(host),
      ])
      return {
        runs: Object.fromEntries(await Promise.all(runs)),
        wanted: Object.fromEntries(wanted),
        live: binding?.record.active,
      }
    } finally {
      await catalog.store.close()
    }
  }

  /** Whether somebody is at work on the service. */
  async isLocked(): Promise<boolean> {
    const store = await this.open()
    const lock = await store
      .get(keys.lock(`deploy/${environment}/${serviceName}`))
      .finally(() => store.close())
    return lock !== undefined
  }

  /** The catalog says what runs, on every host the same release, and every proxy answers with it and nothing else. */
  async isSettled(): Promise<void> {
    const {live, runs, wanted} = await this.truth()
    expect(runs).toEqual(wanted)
    const expected = [unitName(`${serviceName}-r${live ?? 0}`)]
    for (const host of this.fleet.hosts) expect([host.name, runs[host.name]]).toEqual([host.name, expected])
    for (const host of this.fleet.hosts) await this.answers(host, `${serviceName}-r${live ?? 0}`)
    const locks = await this.sandbox.mustRun(['lock', 'list', '--json'])
    expect(locks.stdout).not.toContain(`${environment}/${serviceName}`)
  }

  async stop(): Promise<void> {
    await this.lost()
    await this.sandbox.dispose()
  }

  private async answers({address, name}: PracticeHost, release: string): Promise<void> {
    const deadline = Date.now() + settledMillis
    let last = ''
    while (last !== release) {
      const asked = fetch(`http://${address}:7070/`, {headers: {'Yard-Service': serviceName}})
      last = await asked.then(
        (response) => response.headers.get('yard-release') ?? `status ${response.status}`,
        String,
      )
      if (Date.now() > deadline) throw new Error(`${name} answers with ${last}, and not with ${release}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  private open(): Promise<Store> {
    return this.other?.open() ?? openSqliteStore({file: `${this.sandbox.state}/catalog.db`})
  }

  /** Past every check. */
  private async plant(records: Record<string, unknown>): Promise<void> {
    const store = await this.open()
    const writes = Object.entries(records).map(([put, value]) => ({put, value: JSON.stringify(value)}))
    await store.transact([], writes).finally(() => store.close())
  }

  private change(): void {
    this.changes += 1
    this.service.write('change.txt', `${this.changes}\n`)
    this.service.commit(`change ${this.changes}`)
  }
}

async function unitsOn(host: PracticeHost): Promise<string[]> {
  const text = await host.sh(
    `systemctl list-units --plain --no-legend 'yard-${serviceName}-*' | cut -d' ' -f1`,
  )
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort()
}
