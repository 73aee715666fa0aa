import {type AppliedRouting, type Router, type RouterServer} from '../../src/contracts/router.js'
import {type RoutingModel} from '../../src/domain/routing.js'

/** Remembers the models it was given; every server in them is healthy and has no connections unless said otherwise. */
export class FakeRouter implements Router {
  readonly version = '2.6.12'
  readonly models: RoutingModel[] = []
  connections = 0
  isStarted = false
  failure: Error | undefined

  async start(model: RoutingModel): Promise<void> {
    if (this.failure !== undefined) throw this.failure
    this.isStarted = true
    this.models.push(model)
  }

  async apply(model: RoutingModel): Promise<AppliedRouting> {
    if (this.failure !== undefined) throw this.failure
    this.models.push(model)
    return {how: 'runtime'}
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

  async stop(): Promise<void> {
    this.isStarted = false
  }
}
