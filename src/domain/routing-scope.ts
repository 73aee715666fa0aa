import {type Consumer} from './consumer.js'
import {type Environment, type Host} from './environment.js'
import {type Instance} from './instance.js'
import {type PublicRoute} from './public-route.js'
import {type Service} from './service.js'

/** All of one environment. */
export interface ScopeFacts {
  environment: Pick<Environment, 'edge' | 'router'>
  hosts?: readonly Pick<Host, 'edge' | 'name'>[]
  services: readonly Pick<Service, 'calls' | 'name'>[]
  instances: readonly Pick<Instance, 'host' | 'service'>[]
  publicRoutes?: readonly Pick<PublicRoute, 'service'>[]
  consumers?: readonly Pick<Consumer, 'consumer' | 'service'>[]
}

export interface RoutingScope {
  /** The services that the host routes to; undefined: all of them. */
  known: ReadonlySet<string> | undefined
  /** How many hosts check the server that most of them check, as far as this host is concerned. */
  checkingHosts: number
}

/**
 * What a host knows. With the scope `consumers` these are the services that are called by what has instances there,
 * those with an instance there, and, on a host that faces the outside, those with a public name. The instances count
 * in every state, so that draining one forgets no service.
 */
export function routingScope(facts: ScopeFacts, host: Host | undefined): RoutingScope {
  const hosts = facts.hosts ?? []
  if (facts.environment.router.scope !== 'consumers') {
    return {known: undefined, checkingHosts: hosts.length}
  }
  const hostsByService = knowingHosts(facts)
  if (host === undefined) return {known: undefined, checkingHosts: mostHosts(hostsByService.values())}
  const known = new Map([...hostsByService].filter(([, names]) => names.has(host.name)))
  return {known: new Set(known.keys()), checkingHosts: mostHosts(known.values())}
}

/** In steps, so that a host more or less seldom changes every configuration. */
const checkSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000]
const checksPerSecond = 5

/**
 * How often each of so many hosts checks a server, so that it answers about five checks a second at most; undefined:
 * as often as is usual.
 */
export function checkMillisFor(checkingHosts: number): number | undefined {
  const seconds = checkSteps.find((step) => checkingHosts <= step * checksPerSecond) ?? checkSteps.at(-1) ?? 1
  return seconds === 1 ? undefined : seconds * 1_000
}

/** By service: the names of the hosts that know it. */
function knowingHosts(facts: ScopeFacts): Map<string, Set<string>> {
  const homes = new Map<string, Set<string>>()
  for (const {host, service} of facts.instances) add(homes, service, host)
  const knowing = new Map([...homes].map(([service, hosts]) => [service, new Set(hosts)]))
  const addHomesOf = (consumer: string, called: string) => {
    for (const host of homes.get(consumer) ?? []) add(knowing, called, host)
  }
  for (const {calls = [], name} of facts.services) for (const called of calls) addHomesOf(name, called)
  for (const {consumer, service} of facts.consumers ?? []) addHomesOf(consumer, service)
  if (facts.environment.edge === undefined) return knowing
  const edges = (facts.hosts ?? []).filter(({edge}) => edge === true)
  for (const {service} of facts.publicRoutes ?? []) for (const {name} of edges) add(knowing, service, name)
  return knowing
}

function add(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key)
  if (set === undefined) sets.set(key, new Set([value]))
  else set.add(value)
}

function mostHosts(sets: Iterable<ReadonlySet<string>>): number {
  let most = 0
  for (const {size} of sets) most = Math.max(most, size)
  return most
}
