import {type Clock} from '../../contracts/clock.js'
import {type RunningServer, type RunningWorker} from '../../domain/haproxy/answers.js'
import {type MapContents} from '../../domain/haproxy/map-change.js'
import {type Placement, placeServices} from '../../domain/haproxy/placement.js'
import {type RenderedParts, servicesMap} from '../../domain/haproxy/rendered.js'
import {endpointOf, type RoutedServer, type RoutedService, type RoutingModel} from '../../domain/routing.js'

import {type Asked} from './health-round.js'
import {isServing, type RunningHaproxy, type RunningServers} from './running-haproxy.js'
import {isSameRouting, type Wanted} from './wanted.js'

/** What is known of the running HAProxy beside a model that it is to follow. */
export interface View {
  worker: RunningWorker
  servers: RunningServers
  maps: MapContents
  placement: Placement
  /** Services whose servers were read just now and may differ; all of them after a full look. */
  touched: ReadonlySet<string> | 'all'
  /** When everything was read the last time. */
  readAtMillis: number
}

/** After so long everything is read again, though only a little changed. */
const fullLookMillis = 30_000

/** Reads from the running HAProxy no more than a change needs. */
export class Viewing {
  constructor(
    private readonly running: RunningHaproxy,
    private readonly clock: Clock,
    private readonly partsOf: (generation: string) => RenderedParts | undefined,
  ) {}

  /** @param before what was live last, and everything since went through this program */
  async of(
    wanted: Wanted,
    worker: RunningWorker,
    before: {wanted: Wanted; view: View} | undefined,
  ): Promise<View | undefined> {
    if (before === undefined || !this.isFresh(wanted, worker, before)) return this.all(wanted, worker)
    const {view} = before
    const placement = this.place(wanted, worker, view)
    const touched = changedServices(before.wanted.model, wanted.model)
    const names = [...touched].flatMap((name) => [
      view.placement.backends.get(name),
      placement.backends.get(name),
    ])
    const backends = [...new Set(names.filter((backend) => backend !== undefined))]
    const servers = await this.reread(view.servers, backends)
    return servers === undefined ? undefined : {...view, ...{worker, servers, placement, touched}}
  }

  /** Undefined when HAProxy stopped answering. */
  async all(wanted: Wanted, worker: RunningWorker): Promise<View | undefined> {
    const names = wanted.rendered.files.flatMap(({name}) => (name.endsWith('.map') ? [name] : []))
    const servers = await this.running.servers()
    const maps = await this.running.maps(names)
    if (servers === undefined || maps === undefined) return undefined
    const placement = this.place(wanted, worker, {servers, maps})
    const readAtMillis = this.clock.monotonicMillis()
    return {...{worker, servers, maps, placement, readAtMillis}, touched: 'all'}
  }

  /** What is known, with these backends read anew. */
  async reread(known: RunningServers, backends: readonly string[]): Promise<RunningServers | undefined> {
    const fresh = await this.running.servers(backends)
    if (fresh === undefined) return undefined
    const all = new Map(known)
    for (const backend of backends) {
      const servers = fresh.get(backend)
      if (servers === undefined) all.delete(backend)
      else all.set(backend, servers)
    }
    return all
  }

  /**
   * The servers of the model that the worker sends no requests to because of their health, or doesn't have, and the services
   * that are served. Nobody counts as idle when HAProxy doesn't tell.
   */
  async idle({model}: Wanted, {maps}: View): Promise<{servers: Asked[]; served: ReadonlySet<string>}> {
    const running = await this.running.servers()
    if (running === undefined) return {servers: [], served: new Set()}
    const services = maps.get(servicesMap)
    const served = new Set<string>()
    const servers = model.services.flatMap((service) => {
      const present = running.get(services?.get(service.name) ?? '') ?? []
      if (present.some(isServing)) served.add(service.name)
      const working = new Set(present.filter(isAtWork).map(({address, port}) => `${address}:${port}`))
      return service.servers
        .filter((server) => !working.has(endpointOf(server)))
        .map((server) => ({service, server}))
    })
    return {servers, served}
  }

  private isFresh(
    wanted: Wanted,
    worker: RunningWorker,
    {wanted: last, view}: {wanted: Wanted; view: View},
  ): boolean {
    const isSameWorker = worker.pid === view.worker.pid && worker.generation === view.worker.generation
    if (!isSameWorker || isSameRouting(last.rendered, wanted.rendered)) return false
    return this.clock.monotonicMillis() - view.readAtMillis < fullLookMillis
  }

  private place(
    {rendered, settings}: Wanted,
    {generation}: RunningWorker,
    known: Pick<View, 'servers' | 'maps'>,
  ): Placement {
    const facts = {
      generation,
      parts: this.partsOf(generation),
      services: known.maps.get(servicesMap) ?? new Map<string, string>(),
      occupied: new Set(known.servers.keys()),
    }
    return placeServices(facts, rendered, settings.spares)
  }
}

function isAtWork({healthy, maintenance}: RunningServer): boolean {
  return healthy && !maintenance
}

/** Entries of servers that are no more: nothing of a model is ever in maintenance. */
export function hasLeftovers({servers}: View): boolean {
  return [...servers.values()].some((list) => list.some(({maintenance}) => maintenance))
}

/** Servers that were not in the last model, or got nothing there. */
export function newcomersOf(last: RoutingModel, model: RoutingModel): Asked[] {
  const before = new Map(last.services.map((service) => [service.name, service]))
  return model.services.flatMap((service) => {
    const known = before.get(service.name)
    if (known !== undefined && hasSameServers(known, service)) return []
    const old = new Set(known?.servers.map(endpointOf))
    return service.servers
      .filter((server) => !old.has(endpointOf(server)))
      .map((server) => ({service, server}))
  })
}

function changedServices(last: RoutingModel, model: RoutingModel): Set<string> {
  const before = new Map(last.services.map((service) => [service.name, service]))
  const changed = new Set<string>()
  for (const service of model.services) {
    const known = before.get(service.name)
    if (known === undefined || !hasSameServers(known, service)) changed.add(service.name)
    before.delete(service.name)
  }
  for (const name of before.keys()) changed.add(name)
  return changed
}

function hasSameServers({servers: one}: RoutedService, {servers: other}: RoutedService): boolean {
  return (
    one === other ||
    (one.length === other.length && one.every((server, index) => isSameServer(server, other[index])))
  )
}

function isSameServer(one: RoutedServer, other: RoutedServer | undefined): boolean {
  return (
    one.address === other?.address &&
    one.port === other.port &&
    one.state === other.state &&
    one.weight === other.weight
  )
}
