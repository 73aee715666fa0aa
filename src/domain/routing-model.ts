import {type Environment} from './environment.js'
import {byService, type Instance} from './instance.js'
import {type Binding, type Release, releaseId} from './release.js'
import {type RoutedServer, type RoutedService, type RoutingModel} from './routing.js'
import {type Service} from './service.js'

export interface RoutingFacts {
  environment: Environment
  services: readonly Service[]
  bindings: readonly Binding[]
  instances: readonly Instance[]
  /** Names of hosts that an operator took out of the traffic. */
  drainedHosts?: ReadonlySet<string>
  /** By release id. A release without one here is checked at its service's health path. */
  releases?: ReadonlyMap<string, Release>
}

const defaultHealthPath = '/readyz'

/**
 * Who gets which requests. An instance is routed when it serves requests and is `up` with the release that its
 * service's binding names; one that is draining, up with another release, or on a drained host finishes what it has. A registered service without such an instance stays in, with no server:
 * its callers learn that it is down, not that it doesn't exist.
 */
export function routingModel(facts: RoutingFacts): RoutingModel {
  const {address, port, header} = facts.environment.router
  const services = new Map(facts.services.map((service) => [service.name, service]))
  const bindings = new Map(facts.bindings.map((binding) => [binding.service, binding]))
  const instances = byService(
    facts.instances.filter(({environment}) => environment === facts.environment.name),
  )
  const names = new Set([...services.keys(), ...bindings.keys()])
  return {
    listen: {address, port},
    header,
    services: [...names].sort(byText).map((name): RoutedService => {
      const binding = bindings.get(name)
      return {
        name,
        healthPath: healthPathOf(services.get(name), binding, facts.releases),
        servers: serversOf(instances.get(name) ?? [], binding, facts.drainedHosts),
      }
    }),
  }
}

/** Whether requests may go to this instance at all, and how. */
function routedState(
  instance: Instance,
  binding: Binding | undefined,
  drainedHosts: ReadonlySet<string> | undefined,
): RoutedServer['state'] | undefined {
  if (instance.process !== 'web' || instance.port === undefined) return undefined
  if (instance.state === 'draining') return 'draining'
  if (instance.state !== 'up' || binding === undefined) return undefined
  // Traffic has moved on to another release or host: what is under way here is still finished.
  const isLeaving = instance.release !== binding.active || drainedHosts?.has(instance.host) === true
  return isLeaving ? 'draining' : 'up'
}

function serversOf(
  instances: readonly Instance[],
  binding: Binding | undefined,
  drainedHosts: ReadonlySet<string> | undefined,
): RoutedServer[] {
  const servers = new Map<string, RoutedServer>()
  for (const instance of instances) {
    const state = routedState(instance, binding, drainedHosts)
    if (state === undefined || instance.port === undefined) continue
    const {address, port, weight} = instance
    const endpoint = `${address}:${port}`
    // One endpoint is one server: an instance that is up has it before one that leaves.
    if (servers.get(endpoint)?.state !== 'up') {
      servers.set(endpoint, {address, port, state, ...(weight !== undefined && {weight})})
    }
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
