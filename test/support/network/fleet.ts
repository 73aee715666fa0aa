import {openEtcdStore} from '../../../src/adapters/store-etcd/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type Store, type Write} from '../../../src/contracts/store.js'
import {type Environment, type Host} from '../../../src/domain/environment.js'
import {type Instance, instanceId} from '../../../src/domain/instance.js'
import {type HostFollowing} from '../../../src/lifecycle/sidecar/host-following.js'
import {type SidecarStatusReport} from '../../../src/lifecycle/sidecar/status.js'
import {aBinding, aHost, anEnvironment, anInstance, aRelease, aService} from '../../fakes/records.js'
import {type Answer, get} from '../../e2e/support/http.js'
import {type Cluster, startCluster} from '../etcd/cluster.js'
import {FleetLoad} from './fleet-load.js'
import {type Network, type NetworkHost, startHosts, type StartedProgram} from './hosts.js'

export const environmentName = 'staging'

export interface FleetOptions {
  /** How many follow the catalog. Default 3. */
  hosts?: number
  /** One more machine on the network that is no host of the catalog: an operator's desk. */
  hasDesk?: boolean
  environment?: Partial<Environment>
  /** Why what these tests need besides can't be had here. */
  missing?: string | undefined
  /** Given to the record of a host besides, by its name. */
  hostRecords?: Record<string, Partial<Host>>
}

/** One instance of a service: `id` is its name everywhere, also in what it answers. */
export interface Placed {
  id: string
  host: NetworkHost
  port: number
  record: Instance
}

/** A few hosts that follow one catalog in three etcd members. */
export class Fleet {
  readonly sidecars = new Map<string, StartedProgram>()
  private readonly deadMembers = new Set<number>()
  private readonly loads = new Set<FleetLoad>()
  private nextPort = 4_000

  private constructor(
    readonly network: Network,
    private readonly count: number,
    public cluster: Cluster,
    public store: Store,
  ) {}

  static async start(options: FleetOptions = {}): Promise<Fleet> {
    const {hasDesk = false, hosts = 3} = options
    const network = await startHosts({count: hasDesk ? hosts + 1 : hosts})
    try {
      const endpoints = network.serverAddresses.map((address) => `${address}:2379`)
      network.variables['YARD_CATALOG'] = `etcd://${endpoints.join(',')}`
      const cluster = await startCluster({network})
      const fleet = new Fleet(network, hosts, cluster, await openStore(cluster))
      await fleet.register(options)
      return fleet
    } catch (error) {
      await network.stop()
      throw error
    }
  }

  get hosts(): readonly NetworkHost[] {
    return this.network.hosts.slice(0, this.count)
  }

  get desk(): NetworkHost {
    return this.network.hosts[this.count]!
  }

  get catalog(): Catalog {
    return new Catalog(this.store)
  }

  /** Starts instances, one on each of these hosts in turn, and writes them into the catalog as live. */
  async addService(name: string, count: number, healthPath = '/readyz'): Promise<Placed[]> {
    const placed: Placed[] = []
    for (let number = 0; number < count; number++) {
      placed.push(await this.serve(name, this.hosts[number % this.count]!))
    }
    await this.write(
      this.serviceWrites(name, healthPath),
      placed.map((each) => this.instanceWrite(each.record)),
    )
    return placed
  }

  /** Starts an instance and doesn't register it. */
  async serve(service: string, host: NetworkHost): Promise<Placed> {
    const port = this.nextPort++
    // There are more instances than machines: the catalog believes each on one of its own.
    const parts = {service, release: 1, process: 'web', host: `app-${port}`}
    const id = instanceId(parts)
    await host.serve({name: id, port})
    const {address} = host
    return {id, host, port, record: anInstance({...parts, environment: environmentName, address, port})}
  }

  serviceWrites(name: string, healthPath = '/readyz'): Write[] {
    const {catalog} = this
    const health = {path: healthPath, timeoutMillis: 30_000, stableMillis: 0}
    return [
      catalog.services.put(keys.service(name), aService({name, health})),
      catalog.releases.put(
        keys.release(name, 1),
        aRelease({service: name, environment: environmentName, health}),
      ),
      catalog.bindings.put(keys.binding(environmentName, name), aBinding({service: name})),
    ]
  }

  instanceWrite(record: Instance): Write {
    return this.catalog.instances.put(keyOf(record), record)
  }

  /** In one transaction. */
  async write(...writes: (Write | Write[])[]): Promise<void> {
    await this.catalog.commit('Writing', [], writes.flat(2))
  }

  environmentWrite(changes: Partial<Environment>): Write {
    return this.catalog.environments.put(keys.environment(environmentName), anEnvironment(changes))
  }

  startSidecar(host: NetworkHost, env: Record<string, string> = {}): StartedProgram {
    const places = ['--directory', '/var/lib/yard', '--runtime-directory', '/run/yard']
    const args = ['sidecar', 'run', '--env', environmentName, '--host', host.name, ...places]
    const sidecar = host.startYard(args, {env})
    this.sidecars.set(host.name, sidecar)
    return sidecar
  }

  /** SIGKILL unless told otherwise; its HAProxy goes on. Resolves once it's gone. */
  async endSidecar(host: NetworkHost, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const sidecar = this.sidecars.get(host.name)
    for (const {pid} of host.processes(`sidecar run --env ${environmentName} --host ${host.name}`)) {
      if (pid !== sidecar?.child.pid) process.kill(pid, signal)
    }
    await sidecar?.ended
  }

  /** What `yard sidecar status` says on a host; `isHere` asks the sidecar itself. */
  async status(
    host: NetworkHost,
    isHere = false,
  ): Promise<{code: number | null; text: string; json: unknown}> {
    const args = ['sidecar', 'status', '--env', environmentName, ...(isHere ? ['--here'] : [])]
    const {code, stdout, stderr} = await host.yard([...args, '--json'])
    try {
      return {code, text: stdout + stderr, json: JSON.parse(stdout) as unknown}
    } catch {
      throw new Error(`yard ${args.join(' ')} --json ended with ${code ?? '?'}: ${stdout}${stderr}`)
    }
  }

  /** Waits until the sidecar of a host says so of itself. */
  async untilHere(host: NetworkHost, what: string, isSo: (said: HostFollowing) => boolean): Promise<void> {
    let last: unknown
    await this.until(
      `the sidecar of ${host.name} ${what}`,
      async () => {
        const {json} = await this.status(host, true)
        last = json
        const [said] = (json as Partial<SidecarStatusReport>).hosts ?? []
        return said !== undefined && isSo(said)
      },
      60_000,
      () => JSON.stringify(last),
    )
  }

  /** One request on a host, to a service, through its HAProxy. */
  async ask(host: NetworkHost, service: string, port = 7_070): Promise<Answer> {
    const door = await this.doorOf(host, port)
    return get(door, {'Yard-Service': service})
  }

  /** Waits until every one of these hosts answers for a service with 200. */
  async serves(service: string, hosts: readonly NetworkHost[] = this.hosts, millis = 20_000): Promise<void> {
    for (const host of hosts) {
      await this.until(
        `${host.name} serves ${service}`,
        async () => (await this.ask(host, service).catch(() => undefined))?.status === 200,
        millis,
      )
    }
  }

  /** Polls until it's true. @throws Error with what the sidecars wrote last */
  async until(
    what: string,
    look: () => Promise<boolean> | boolean,
    millis = 20_000,
    state: () => string = () => '',
  ): Promise<void> {
    const deadline = Date.now() + millis
    while (!(await look())) {
      if (Date.now() > deadline) {
        throw new Error(`not within ${millis} ms: ${what}\n${state()}\n${this.said()}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  said(): string {
    return [...this.sidecars]
      .map(([host, {output}]) => `${host}: ${output().split('\n').slice(-15).join('\n  ')}`)
      .join('\n')
  }

  /** Requests to these services on these hosts, until `lost` ends them and says what was lost. */
  async load(
    services: string[],
    hosts: readonly NetworkHost[] = this.hosts,
    perSecond = 40,
  ): Promise<FleetLoad> {
    const loads = await Promise.all(
      hosts.map(async (host) => [host.name, await host.load(services, perSecond)] as const),
    )
    const load = new FleetLoad(loads)
    this.loads.add(load)
    return load
  }

  async stop(): Promise<void> {
    await this.store.close()
    await this.cluster.stop()
    await this.network.stop()
  }

  /** SIGKILL to members of etcd, until `restartMembers`. */
  async killMembers(members: readonly number[]): Promise<void> {
    for (const member of members) this.deadMembers.add(member)
    await Promise.all(members.map((member) => this.cluster.kill(member)))
  }

  async restartMembers(): Promise<void> {
    const dead = [...this.deadMembers]
    this.deadMembers.clear()
    await Promise.all(dead.map((member) => this.cluster.restart(member)))
    await this.cluster.settled()
  }

  /** After a test, so that the next one begins with everything in place however this one ended. */
  async recover(): Promise<void> {
    await Promise.all([...this.loads].map((load) => load.stop()))
    this.loads.clear()
    for (const host of this.hosts) await host.recover(this.network.serverAddresses)
    if (this.deadMembers.size > 0) await this.restartMembers()
  }

  /** Another cluster at the same addresses, empty. */
  async replaceCluster(): Promise<void> {
    await this.store.close()
    await this.cluster.stop()
    this.cluster = await startCluster({network: this.network})
    this.store = await openStore(this.cluster)
  }

  private readonly doors = new Map<string, Promise<number>>()

  private doorOf(host: NetworkHost, port: number): Promise<number> {
    const name = `${host.name}:${port}`
    const door = this.doors.get(name) ?? host.door(port)
    this.doors.set(name, door)
    return door
  }

  private async register({environment = {}, hostRecords = {}}: FleetOptions): Promise<void> {
    const {catalog} = this
    await this.write(
      this.environmentWrite(environment),
      this.hosts.map(({name, address}) =>
        catalog.hosts.put(keys.host(environmentName, name), aHost({name, address, ...hostRecords[name]})),
      ),
    )
  }
}

export function keyOf({environment, id, service}: Instance): string {
  return keys.instance(environment, service, id)
}

function openStore({endpoints}: Cluster): Promise<Store> {
  return openEtcdStore({endpoints: [...endpoints], namespace: '', warn: () => undefined})
}
