import {type RoutingModel} from '../domain/routing.js'

/** Makes the HAProxy of one host follow a model without losing a request. */
export interface HostRouter {
  /** HAProxy's, as in `2.6.12`; empty until it was asked for by `start` or `apply`. */
  readonly version: string
  /** Starts HAProxy with this model, or takes over one that still runs from before. */
  start(model: RoutingModel): Promise<AppliedRouting>
  /**
   * Writes the files, changes the running HAProxy (over its socket, or by a reload when it must) and returns once the
   * change is confirmed by reading it back. Starts HAProxy when it doesn't run.
   */
  apply(model: RoutingModel, options?: ApplyOptions): Promise<AppliedRouting>
  /** What HAProxy says of each server, by service and endpoint. */
  servers(): Promise<RouterServer[]>
  /** How the running HAProxy is. Never throws because it is unwell. */
  health(): Promise<RouterHealth>
  stop(): Promise<void>
}

export interface ApplyOptions {
  /** False: what takes a reload waits, because this host had its share of reloads. True unless given. */
  mayReload?: boolean
  /** True: a reload that is merely owed is done now, when it may be. False unless given. */
  tidiesUp?: boolean
}

export interface AppliedRouting {
  how: 'unchanged' | 'runtime' | 'reload'
  /** False when a part of the model is on disk and not live yet, because it takes a reload that may not be done now. */
  isComplete: boolean
  /** A reload would tidy up: a service on a spare backend, removed servers in maintenance. */
  owesReload: boolean
  /** One line for people per service, server, route or certificate that was left out because it can't be trusted. */
  skipped: string[]
  generation: string
  /** Why HAProxy was reloaded or has to be, a clause each: `billing is new`, or what it answered to a change. */
  reasons?: string[]
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

export interface RouterHealth {
  answers: boolean
  /** Of the worker that takes new connections. */
  pid?: number
  generation?: string
  /** Worker processes, those on their way out included. */
  workers: number
  /** In what the running HAProxy differs from what was last applied, a line each for people. */
  drift: string[]
}
