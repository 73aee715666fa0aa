import {type Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {readRouted} from '../../src/catalog/snapshot.js'
import {type Clock} from '../../src/contracts/clock.js'
import {type HttpClient, type HttpOutcome, type HttpRequest} from '../../src/contracts/http-client.js'
import {localEnvironment} from '../../src/domain/environment.js'
import {type Instance} from '../../src/domain/instance.js'
import {releaseId} from '../../src/domain/release.js'
import {type RoutedServer} from '../../src/domain/routing.js'
import {routingModel} from '../../src/domain/routing-model.js'

/** How the processes of a release behave. Times count from the start of the process. */
export interface Behaviour {
  readyAfterMillis?: number
  endsAfterMillis?: number
  status?: number
  /** What it calls itself in `Yard-Release`. */
  answersAs?: string
  ownsPort?: boolean
  stopsAfterMillis?: number
  drainsAfterMillis?: number
  /** It can't be started at all. */
  problem?: string
}

interface Running {
  instance: Instance
  startedAt: number
  restarts: number
  stoppingSince?: number
  drainingSince?: number
}

/** Plays `yard up`: follows the catalog, starts and stops pretended processes, and tells of them. */
export class FakeAgent implements HttpClient {
  readonly behaviours = new Map<number, Behaviour>()
  readonly running = new Map<string, Running>()
  /** Who got the requests of the service, each time that changed. */
  readonly routed: string[] = []
  isUp = true
  /** Stops following the catalog, as when HAProxy refuses its configuration. */
  problem: string | undefined
  private appliedRevision = 0
  private readonly told = new Map<string, string>()

  constructor(
    private readonly catalog: Catalog,
    private readonly clock: Clock,
  ) {}

  async tick(): Promise<void> {
    if (!this.isUp) return
    const now = this.clock.monotonicMillis()
    const snapshot = await readRouted(this.catalog, 'local')
    if (this.problem === undefined && snapshot.revision !== this.appliedRevision) {
      this.follow(
        snapshot.instances.map(({record}) => record),
        now,
      )
      this.route(snapshot)
      this.appliedRevision = snapshot.revision
    }
    for (const [id, running] of this.running) {
      const {stopsAfterMillis = 100, endsAfterMillis} = this.behaviourOf(running.instance)
      if (running.stoppingSince !== undefined && now - running.stoppingSince >= stopsAfterMillis)
        this.running.delete(id)
      if (endsAfterMillis !== undefined && now - running.startedAt >= endsAfterMillis) running.restarts = 1
    }
    await this.tell(now)
  }

  /** The pretended processes, answering on their ports. */
  async send(request: HttpRequest): Promise<HttpOutcome> {
    const port = Number(new URL(request.url).port)
    const now = this.clock.monotonicMillis()
    const running = [...this.running.values()].find(({instance}) => instance.port === port)
    if (running === undefined || !this.isReady(running, now)) {
      return {kind: 'failed', cause: 'refused', phase: 'connect', detail: 'refused', millis: 1}
    }
    const {status = 200, answersAs} = this.behaviourOf(running.instance)
    const release = answersAs ?? releaseId(running.instance.service, running.instance.release)
    const headers: [string, string][] = [['Yard-Release', release]]
    return {
      kind: 'response',
      response: {status, reason: '', version: '1.1', headers, body: new Uint8Array(), millis: 1},
    }
  }

  close(): void {
    this.running.clear()
  }

  async ownsPort(id: string): Promise<boolean | undefined> {
    const running = this.running.get(id)
    return running && (this.behaviourOf(running.instance).ownsPort ?? true)
  }

  async lastLines(id: string): Promise<string[]> {
    return [`${id} wrote this`]
  }

  private follow(instances: readonly Instance[], now: number): void {
    for (const instance of instances) {
      const present = this.running.get(instance.id)
      if (present !== undefined) present.instance = instance
      else if (instance.state !== 'down')
        this.running.set(instance.id, {instance, startedAt: now, restarts: 0})
    }
    for (const [id, running] of this.running) {
      const wanted = instances.find((instance) => instance.id === id)
      if (wanted === undefined || wanted.state === 'down') running.stoppingSince ??= now
      if (wanted?.state === 'draining') running.drainingSince ??= now
      else delete running.drainingSince
    }
  }

  private route({bindings, instances}: Awaited<ReturnType<typeof readRouted>>): void {
    const model = routingModel({
      environment: localEnvironment(),
      services: [],
      bindings: bindings.map(({record}) => record),
      instances: instances.map(({record}) => record),
    })
    const servers = model.services.flatMap((service) => service.servers)
    const up = servers.filter(({state}) => state === 'up').map((server) => this.nameOf(server, instances))
    const shown = up.join(' ') || 'nobody'
    if (this.routed.at(-1) !== shown) this.routed.push(shown)
  }

  private nameOf(server: RoutedServer, instances: readonly {record: Instance}[]): string {
    return instances.find(({record}) => record.port === server.port)?.record.id ?? 'stranger'
  }

  private async tell(now: number): Promise<void> {
    const wanted = new Map<string, string>()
    for (const [id, running] of this.running) {
      const {drainsAfterMillis = 200, problem} = this.behaviourOf(running.instance)
      const {drainingSince, restarts} = running
      const write = this.catalog.statuses.put(keys.status('local', id), {
        v: 1,
        id,
        running: problem !== undefined ? 'stopped' : restarts > 0 ? 'backing-off' : 'running',
        ...(problem !== undefined && {problem}),
        pid: 100,
        since: '2026-11-20T12:00:00.000Z',
        restarts,
        ...(restarts > 0 && {lastExit: 'exit 1'}),
        ...(drainingSince !== undefined && {drained: now - drainingSince >= drainsAfterMillis}),
      })
      if ('put' in write) wanted.set(write.put, write.value)
    }
    const agent = this.catalog.agents.put(keys.agent('local', 'localhost'), {
      v: 1,
      host: 'localhost',
      pid: 1,
      startedAt: '2026-11-20T12:00:00.000Z',
      appliedRevision: this.appliedRevision,
      haproxyVersion: '2.6.12',
      skipped: [],
      ...(this.problem !== undefined && {problem: this.problem}),
    })
    if ('put' in agent) wanted.set(agent.put, agent.value)
    const writes = [
      ...[...wanted]
        .filter(([key, value]) => this.told.get(key) !== value)
        .map(([put, value]) => ({put, value})),
      ...[...this.told.keys()].filter((key) => !wanted.has(key)).map((key) => ({delete: key})),
    ]
    this.told.clear()
    for (const [key, value] of wanted) this.told.set(key, value)
    if (writes.length > 0) await this.catalog.store.transact([], writes)
  }

  private isReady(running: Running, now: number): boolean {
    const {readyAfterMillis = 300} = this.behaviourOf(running.instance)
    return running.restarts === 0 && now - running.startedAt >= readyAfterMillis
  }

  private behaviourOf({release}: Instance): Behaviour {
    return this.behaviours.get(release) ?? {}
  }
}
