import {type Catalog} from '../../catalog/catalog.js'
import {type RoutedSnapshot, readRouted} from '../../catalog/snapshot.js'
import {keys} from '../../catalog/keys.js'
import {type ArtifactStore} from '../../contracts/artifact-store.js'
import {type Clock} from '../../contracts/clock.js'
import {type ManagedProcess, type ProcessManager} from '../../contracts/process-manager.js'
import {type Report} from '../../contracts/report.js'
import {type AppliedRouting, type HostRouter} from '../../contracts/host-router.js'
import {type Environment} from '../../domain/environment.js'
import {type Agent, type Instance} from '../../domain/instance.js'
import {type Release, releaseId} from '../../domain/release.js'
import {routingModel} from '../../domain/routing-model.js'
import {isServing} from '../../domain/service-state.js'
import {type SecretOpener} from '../secrets/open-secrets.js'
import {BackgroundStarts} from './background-starts.js'
import {LeasedBoard} from './leased-board.js'
import {endpointOf, observe} from './observe.js'
import {isRunning, wantedProcesses} from './wanted-processes.js'

export interface FollowerNeeds {
  catalog: Catalog
  processes: ProcessManager
  router: HostRouter
  artifacts: Pick<ArtifactStore, 'releaseDirectory'>
  openSecrets: SecretOpener
  clock: Clock
  report: Report
}

export interface FollowerSettings {
  environment: Environment
  host: string
  pid: number
  /** Ids in the process manager that aren't instances. */
  routerProcess: string
  supervisorProcess: string
}

/** Statuses are gone this long after the last renewal: a dead supervisor must not look alive. */
const leaseMillis = 15_000
const defaultGraceMillis = 10_000
/** What a reload would tidy up in HAProxy waits until nothing else changes. */
const quietBeforeTidyingMillis = 10_000

/** Holds one host to what the catalog says, and tells the catalog how it goes. */
export class HostFollower {
  private readonly board: LeasedBoard
  private readonly stopping = new Map<string, Promise<void>>()
  /** Of instances that have secrets. */
  private readonly starts: BackgroundStarts
  private readonly startedAt: string
  private isRouting = false
  private owesReload = false
  private routedAtMillis = 0
  private snapshot: RoutedSnapshot | undefined
  private releases = new Map<string, Release>()
  private appliedRevision = 0
  private problem: string | undefined

  constructor(
    private readonly needs: FollowerNeeds,
    private readonly settings: FollowerSettings,
  ) {
    this.board = new LeasedBoard(needs.catalog.store, leaseMillis)
    this.starts = new BackgroundStarts(needs.clock, (spec) => needs.processes.start(spec))
    this.startedAt = needs.clock.now().toISOString()
  }

  /** Reads the catalog and makes processes and HAProxy equal to it. Returns the revision that was read. */
  async follow(): Promise<number> {
    const snapshot = await readRouted(this.needs.catalog, this.settings.environment.name)
    this.snapshot = snapshot
    const impossible = await this.startWanted(snapshot)
    await this.route(snapshot)
    this.stopUnwanted(snapshot, await this.needs.processes.list())
    this.appliedRevision = snapshot.revision
    this.setProblem(impossible.length === 0 ? undefined : impossible.join('; '))
    await this.publish()
    return snapshot.revision
  }

  /** Says in the catalog what keeps this host from following it. */
  async reportProblem(why: string): Promise<void> {
    this.setProblem(why)
    await this.publish()
  }

  /**
   * Writes what changed since the last time: processes that ended, health, drained instances. Returns whether
   * everything wanted is being looked after; a keeper that was killed leaves its process to nobody.
   */
  async publish(): Promise<boolean> {
    const {catalog, clock, processes, router} = this.needs
    const {environment, host} = this.settings
    const [running, servers] = await Promise.all([processes.list(), this.isRouting ? router.servers() : []])
    const records = new Map<string, string>()
    const add = (write: {put: string; value: string}) => records.set(write.put, write.value)
    const serving: string[] = []
    for (const {record} of this.snapshot?.instances ?? []) {
      if (record.host !== host) continue
      const process = running.find(({id}) => id === record.id)
      if (process === undefined && !isRunning(record)) continue
      const server = servers.find(
        ({service, endpoint}) => service === record.service && endpoint === endpointOf(record),
      )
      const problem = this.starts.problemOf(record.id)
      const status = observe(record, process, server, clock.now(), problem)
      add(asPut(catalog.statuses.put(keys.status(environment.name, record.id), status)))
      if (isServing(record, status)) serving.push(releaseId(record.service, record.release))
    }
    add(asPut(catalog.agents.put(keys.agent(environment.name, host), this.agent(serving))))
    await this.board.publish(records)
    return this.isAllLookedAfter(running) && !this.starts.hasNews()
  }

  renew(): Promise<void> {
    return this.board.renew()
  }

  /** Ends everything on this host; the catalog keeps what is wanted, for the next time. */
  async shutDown(): Promise<void> {
    const {processes, router} = this.needs
    await this.starts.stop()
    const instances = (await processes.list()).filter((process) => this.isInstance(process))
    await router.stop()
    await Promise.all(instances.map(({id}) => processes.stop(id, this.graceOf(id))))
    await this.board.clear()
  }

  private async startWanted(snapshot: RoutedSnapshot): Promise<string[]> {
    const instances = snapshot.instances.map(({record}) => record)
    await this.readReleases(instances)
    const {specs, impossible} = wantedProcesses({
      environment: this.settings.environment,
      host: this.settings.host,
      instances,
      releases: this.releases,
      directoryOf: (service, release) => this.needs.artifacts.releaseDirectory(service, release),
      openSecrets: this.needs.openSecrets,
    })
    for (const {id} of specs) await this.stopping.get(id)
    const plain = specs.filter(({secrets}) => secrets === undefined)
    await Promise.all(plain.map((spec) => this.needs.processes.start(spec)))
    await this.starts.start(specs.filter(({secrets}) => secrets !== undefined))
    return [...impossible, ...this.starts.problems()]
  }

  private async route(snapshot: RoutedSnapshot): Promise<void> {
    const services = await this.needs.catalog.services.list(keys.services)
    const model = routingModel({
      environment: this.settings.environment,
      services: services.records.map(({record}) => record),
      bindings: snapshot.bindings.map(({record}) => record),
      instances: snapshot.instances.map(({record}) => record),
      drainedHosts: new Set(snapshot.drains.map(({record}) => record.host)),
      releases: this.releases,
      publicRoutes: snapshot.publicRoutes.map(({record}) => record),
      maintenances: snapshot.maintenances.map(({record}) => record),
    })
    if (this.isRouting) {
      const quietMillis = this.needs.clock.monotonicMillis() - this.routedAtMillis
      const tidiesUp = this.owesReload && quietMillis >= quietBeforeTidyingMillis
      this.noteRouted(await this.needs.router.apply(model, {tidiesUp}))
      return
    }
    this.noteRouted(await this.needs.router.start(model))
    this.isRouting = true
  }

  private noteRouted({how, owesReload}: AppliedRouting): void {
    this.owesReload = owesReload
    if (how !== 'unchanged') this.routedAtMillis = this.needs.clock.monotonicMillis()
  }

  /** Stops in the background: a process that takes its time to end must not hold up the others. */
  private stopUnwanted(snapshot: RoutedSnapshot, running: readonly ManagedProcess[]): void {
    const wanted = new Set(
      snapshot.instances.filter(({record}) => isRunning(record)).map(({record}) => record.id),
    )
    for (const {id} of running.filter((process) => this.isInstance(process))) {
      if (wanted.has(id) || this.stopping.has(id)) continue
      const stop = this.needs.processes
        .stop(id, this.graceOf(id))
        .then((outcome) => {
          if (outcome !== 'killed') return
          this.needs.report({kind: 'warning', text: `${id} ignored SIGTERM and was killed`})
        })
        .catch((error: unknown) => this.setProblem(`can't stop ${id}: ${messageOf(error)}`))
        .finally(() => this.stopping.delete(id))
      this.stopping.set(id, stop)
    }
  }

  /** Releases never change, so each is read once. */
  private async readReleases(instances: readonly Instance[]): Promise<void> {
    for (const {service, release} of instances) {
      const id = releaseId(service, release)
      if (this.releases.has(id)) continue
      const stored = await this.needs.catalog.releases.get(keys.release(service, release))
      if (stored !== undefined) this.releases.set(id, stored.record)
    }
  }

  private isAllLookedAfter(running: readonly ManagedProcess[]): boolean {
    const lost = running.filter(({state}) => state === 'stopped').map(({id}) => id)
    if (lost.includes(this.settings.routerProcess)) this.isRouting = false
    const isSeenTo = (id: string) => this.stopping.has(id) || this.starts.isAtWorkOn(id)
    return lost.every((id) => isSeenTo(id) || id === this.settings.supervisorProcess)
  }

  private isInstance({id}: ManagedProcess): boolean {
    const {routerProcess, supervisorProcess} = this.settings
    return id !== routerProcess && id !== supervisorProcess
  }

  private graceOf(id: string): number {
    return this.releases.get(id.replace(/[.@].*$/, ''))?.drain.graceMillis ?? defaultGraceMillis
  }

  private agent(serving: string[]): Agent {
    return {
      v: 1,
      host: this.settings.host,
      pid: this.settings.pid,
      startedAt: this.startedAt,
      appliedRevision: this.appliedRevision,
      haproxyVersion: this.needs.router.version,
      serving,
      skipped: (this.snapshot?.bad ?? []).map(({key, why}) => `${key}: ${why}`.slice(0, 500)),
      ...(this.problem !== undefined && {problem: this.problem.slice(0, 1_000)}),
    }
  }

  /** Each new problem is told once. */
  private setProblem(problem: string | undefined): void {
    if (problem !== undefined && problem !== this.problem) this.needs.report({kind: 'warning', text: problem})
    this.problem = problem
  }
}

function asPut(write: unknown): {put: string; value: string} {
  return write as {put: string; value: string}
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
