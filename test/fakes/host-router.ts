import {
  type AppliedRouting,
  type ApplyOptions,
  type HostRouter,
  type RouterHealth,
  type RouterServer,
} from '../../src/contracts/host-router.js'
import {type RoutingModel} from '../../src/domain/routing.js'

/** Remembers the models it was given; every server in them is healthy and has no connections unless said otherwise. */
export class FakeHostRouter implements HostRouter {
  readonly version = '2.6.12'
  readonly models: RoutingModel[] = []
  readonly options: ApplyOptions[] = []
  connections = 0
  isStarted = false
  failure: Error | undefined
  /** What `apply` answers with besides. */
  outcome: Partial<AppliedRouting> = {}
  state: RouterHealth = {answers: true, pid: 1, generation: '0'.repeat(64), workers: 1, drift: []}

  async start(model: RoutingModel): Promise<AppliedRouting> {
    if (this.failure !== undefined) throw this.failure
    this.isStarted = true
    this.models.push(model)
    return this.applied()
  }

  async apply(model: RoutingModel, options: ApplyOptions = {}): Promise<AppliedRouting> {
    if (this.failure !== undefined) throw this.failure
    this.models.push(model)
    this.options.push(options)
    return this.applied()
  }

  async servers(): Promise<RouterServer[]> {
    const services = this.models.at(-1)?.services ?? []
    return services.flatMap(({name, servers}) =>
      servers.map(({address, port}) => ({
        service: name,
        endpoint: `${address}:${port}`,
        healthy: true,
        connections: this.connections,
      })),
    )
  }

  async health(): Promise<RouterHealth> {
    return this.state
  }

  async stop(): Promise<void> {
    this.isStarted = false
  }

  private applied(): AppliedRouting {
    return {
      how: 'runtime',
      isComplete: true,
      owesReload: false,
      skipped: [],
      generation: '0'.repeat(64),
      ...this.outcome,
    }
  }
}
