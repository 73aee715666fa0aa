import {type Environment} from './environment.js'
import {type Instance} from './instance.js'
import {type Binding, type Release, releaseId} from './release.js'
import {type RoutedServer, type RoutedService, type RoutingModel} from './routing.js'
import {type Service} from './service.js'

export interface RoutingFacts {
  environment: Environment
  services: readonly Service[]
  bindings: readonly Binding[]
  instances: readonly Instance[]
  /** By release id. A release without one here is checked at its service's health path. */
  releases?: ReadonlyMap<string, Release>
}

const defaultHealthPath = '/readyz'

/**
 * Who gets which requests. An instance is routed when it serves requests and is `up` with the release that its
 * service's binding names; one that is draining, or up with another release, finishes what it has. A registered service without such an instance stays in, with no server:
 * its callers learn that it is down, not that it doesn't exist.
 */
export function routingModel(facts: RoutingFacts): RoutingModel {
  const {address, port, header} = facts.environment.router
  const services = new Map(facts.services.map((service) => [service.name, service]))
  const bindings = new Map(facts.bindings.map((binding) => [binding.service, binding]))
  const names = new Set([...services.keys(), ...bindings.keys()])
  return {
    listen: {address, port},
    header,
    services: [...names].sort(byText).map((name): RoutedService => {
      const binding = bindings.get(name)
      return {
        name,
        healthPath: healthPathOf(services.get(name), binding, facts.releases),
        servers: serversOf(name, binding, facts),
      }
    }),
  }
}

/** Whether requests may go to this instance at all, and how. */
function routedState(instance: Instance, binding: Binding | undefined): RoutedServer['state'] | undefined {
  if (instance.process !== 'web' || instance.port === undefined) return undefined
  if (instance.state === 'draining') return 'draining'
  if (instance.state !== 'up' || binding === undefined) return undefined
  // Traffic has moved on to another release: what is under way here is still finished.
  return instance.release === binding.active ? 'up' : 'draining'
}

function serversOf(service: string, binding: Binding | undefined, facts: RoutingFacts): RoutedServer[] {
  const servers = new Map<string, RoutedServer>()
  for (const instance of facts.instances) {
    if (instance.service !== service || instance.environment !== facts.environment.name) continue
    const state = routedState(instance, binding)
    if (state === undefined || instance.port === undefined) continue
    const {address, port} = instance
    const endpoint = `${address}:${port}`
    // One endpoint is one server: an instance that is up has it before one that leaves.
    if (servers.get(endpoint)?.state !== 'up') servers.set(endpoint, {address, port, state})
  }
  return [...servers].sort(([left], [right]) => byText(left, right)).map(([, server]) => server)
}

function healthPathOf(
  service: Service | undefined,
  binding: Binding | undefined,
  releases: ReadonlyMap<string, Release> | undefined,
): string {
  const active = binding && releases?.get(releaseId(binding.service, binding.active))
  return active?.health.path ?? service?.health.path ?? defaultHealthPath
}

function byText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}
