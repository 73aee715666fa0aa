import {type RoutingModel} from '../domain/routing.js'

/** Makes one host's HAProxy follow a model without losing a request. */
export interface Router {
  /** Starts HAProxy with this model, or takes over one that still runs from before. */
  start(model: RoutingModel): Promise<void>
  /** Writes the configuration, changes the running HAProxy (over its socket, or by a reload when it must) and returns once the change is confirmed. */
  apply(model: RoutingModel): Promise<AppliedRouting>
  /** What HAProxy says of each server, by backend and server name. */
  servers(): Promise<RouterServer[]>
  stop(): Promise<void>
  readonly version: string
}

export interface AppliedRouting {
  how: 'unchanged' | 'runtime' | 'reload'
  /** One line for people per service or server of the model that was left out because it can't be trusted. */
  skipped?: string[]
}

export interface RouterServer {
  service: string
  /** `address:port` */
  endpoint: string
  /** Passing HAProxy's own health check. */
  healthy: boolean
  /** Requests and connections under way to it. */
  connections: number
}
