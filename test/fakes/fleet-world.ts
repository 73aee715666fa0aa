import {keys} from '../../src/catalog/keys.js'
import {readRouted} from '../../src/catalog/snapshot.js'
import {type HttpClient, type HttpOutcome, type HttpRequest} from '../../src/contracts/http-client.js'
import {type HostRouting, type LiveOptions} from '../../src/contracts/router.js'
import {type AnswerCounts, type Traffic} from '../../src/contracts/traffic.js'
import {type Environment, type Host} from '../../src/domain/environment.js'
import {type Instance} from '../../src/domain/instance.js'
import {type Binding, releaseId} from '../../src/domain/release.js'
import {routingModel} from '../../src/domain/routing-model.js'
import {type DeployNeeds, type RolloutNeeds} from '../../src/lifecycle/deploy.js'
import {commitOf, DeployWorld} from './deploy-world.js'
import {FakeInstanceHost, type PretendedProcess} from './instance-host.js'

export const fleetName = 'staging'

/** The service of `DeployWorld` and an environment of several pretended machines, `h1` to `hN`. */
export class FleetWorld extends DeployWorld {
  readonly machines = new Map<string, FakeInstanceHost>()
  readonly traffic = new FakeTraffic(this)
  private readonly hostCount: number

  constructor({hosts}: {hosts: number}) {
    super()
    this.hostCount = hosts
  }

  override async open(): Promise<this> {
    await super.open()
    const environment: Environment = {
      v: 1,
      name: fleetName,
      kind: 'hosts',
      router: {address: '127.0.0.1', port: 7080, header: 'Yard-Service'},
    }
    const writes = Array.from({length: this.hostCount}, (_, index) => {
      const name = `h${index + 1}`
      this.machines.set(name, new FakeInstanceHost(name, this.clock))
      const address = `10.0.0.${index + 1}`
      const host: Host = {v: 1, name, environment: fleetName, address, description: name}
      return this.catalog.hosts.put(keys.host(fleetName, name), host)
    })
    for (let start = 0; start < writes.length; start += 100) {
      await this.catalog.commit('test', [], writes.slice(start, start + 100))
    }
    await this.catalog.commit(
      'test',
      [],
      [this.catalog.environments.put(keys.environment(fleetName), environment)],
    )
    return this
  }

  override needs(changes: Partial<DeployNeeds> = {}): DeployNeeds {
    return super.needs({
      http: this.http(),
      openInstanceHost: async (_environment, host) => this.machine(host.name),
      trafficOf: async () => this.traffic,
      ...changes,
    } satisfies Partial<RolloutNeeds>)
  }

  machine(name: string): FakeInstanceHost {
    const machine = this.machines.get(name)
    if (machine === undefined) throw new Error(`there is no host ${name}`)
    return machine
  }

  /** Lets every host treat a release in the same way. */
  behave(release: number, behaviour: Parameters<Map<number, object>['set']>[1]): void {
    for (const machine of this.machines.values()) machine.behaviours.set(release, behaviour)
  }

  nextCommit(): void {
    this.head = commitOf(`${this.processes} ${this.head}`)
  }

  async fleetInstances(): Promise<Instance[]> {
    const {records} = await this.catalog.instances.list(keys.instances(fleetName, 'hello'))
    return records.map(({record}) => record)
  }

  async fleetBinding(): Promise<Binding | undefined> {
    return (await this.catalog.bindings.get(keys.binding(fleetName, 'hello')))?.record
  }

  async fleetDeploys() {
    const {records} = await this.catalog.deploys.list(keys.deploys(fleetName, 'hello'))
    return records.map(({record}) => record)
  }

  async fleetSteps(deploy: number) {
    const {records} = await this.catalog.deploySteps.list(keys.deploySteps(fleetName, 'hello', deploy))
    return records.map(({record}) => record)
  }

  /** `h1: hello-r1@h1`, a line for each host. */
  running(): string[] {
    return [...this.machines].map(([name, {running}]) => `${name}: ${[...running.keys()].sort().join(' ')}`)
  }

  processAt(endpoint: {address: string; port: number}): [FakeInstanceHost, PretendedProcess] | undefined {
    for (const machine of this.machines.values()) {
      for (const process of machine.running.values()) {
        const {port, variables} = process.spec
        if (port === endpoint.port && variables['HOST'] === endpoint.address) return [machine, process]
      }
    }
    return undefined
  }

  private http(): HttpClient {
    return {
      send: async ({url}: HttpRequest): Promise<HttpOutcome> => {
        const {hostname, port} = new URL(url)
        const found = this.processAt({address: hostname, port: Number(port)})
        if (found === undefined || !found[0].isReady(found[1])) {
          return {kind: 'failed', cause: 'refused', phase: 'connect', detail: 'refused', millis: 1}
        }
        const [machine, process] = found
        const {answersAs, status = 200} = machine.behaviourOf(process)
        const release = answersAs ?? releaseId(process.spec.service, process.spec.release)
        const headers: [string, string][] = [['Yard-Release', release]]
        return {
          kind: 'response',
          response: {status, reason: '', version: '1.1', headers, body: new Uint8Array(), millis: 1},
        }
      },
      close: () => undefined,
    }
  }
}

/** Routers that follow at once; each request of a steady load goes to one of the servers that are up, by weight. */
export class FakeTraffic implements Traffic {
  /** Who got the requests, each time that changed: `h1:1 h2:1 h3:1` for release 1 on all hosts. */
  readonly routed: string[] = []
  /** Hosts that don't follow, each with its problem. */
  readonly behind = new Map<string, string>()
  /** Ids that have connections until this monotonic time. */
  readonly busyUntil = new Map<string, number>()
  /** Whom nobody waits for, each time that it was asked to follow. */
  readonly notAwaited: (readonly string[])[] = []
  requestsPerLook = 100
  private readonly counts = new Map<string, AnswerCounts>()

  constructor(private readonly world: FleetWorld) {}

  async makeLive(
    environment: string,
    revision: number,
    {notAwaited = []}: LiveOptions,
  ): Promise<HostRouting[]> {
    this.notAwaited.push(notAwaited)
    const snapshot = await readRouted(this.world.catalog, environment)
    const instances = snapshot.instances.map(({record}) => record)
    const stored = await this.world.catalog.environments.get(keys.environment(environment))
    const model = routingModel({
      environment: stored!.record,
      services: [],
      bindings: snapshot.bindings.map(({record}) => record),
      instances,
    })
    const up = model.services.flatMap(({servers}) => servers.filter(({state}) => state === 'up'))
    const shown = up
      .map(({address, port, weight}) => {
        const found = instances.find((one) => one.address === address && one.port === port)
        return `${found?.host}:${found?.release}${weight === undefined ? '' : `/${weight}`}`
      })
      .sort((one, other) => one.localeCompare(other, 'en', {numeric: true}))
      .join(' ')
    if (this.routed.at(-1) !== shown) this.routed.push(shown)
    this.count(instances)
    return [...this.world.machines.keys()].map((host) => {
      const problem = this.behind.get(host)
      return problem === undefined
        ? {host, isLive: true, appliedRevision: revision}
        : {host, isLive: false, problem}
    })
  }

  async idle(instances: readonly Instance[]): Promise<ReadonlySet<string>> {
    const now = this.world.clock.monotonicMillis()
    return new Set(instances.map(({id}) => id).filter((id) => (this.busyUntil.get(id) ?? 0) <= now))
  }

  async answers(instances: readonly Instance[]): Promise<ReadonlyMap<string, AnswerCounts>> {
    this.count(await this.world.fleetInstances())
    return new Map(
      instances.flatMap(({id}) => {
        const found = this.counts.get(id)
        return found === undefined ? [] : [[id, found] as const]
      }),
    )
  }

  /** Some requests to each one that is up. */
  private count(instances: readonly Instance[]): void {
    for (const {address, id, port, state} of instances) {
      if (state !== 'up') continue
      const found = port === undefined ? undefined : this.world.processAt({address, port})
      const {failsPercent = 0, refusesPercent = 0} = found?.[0].behaviourOf(found[1]) ?? {}
      const {answered, failed, refused} = this.counts.get(id) ?? {answered: 0, refused: 0, failed: 0}
      this.counts.set(id, {
        answered: answered + this.requestsPerLook,
        refused: refused + Math.round((this.requestsPerLook * refusesPercent) / 100),
        failed: failed + Math.round((this.requestsPerLook * failsPercent) / 100),
      })
    }
  }
}
