import {type Consumer} from './consumer.js'
import {type Environment, type Host} from './environment.js'
import {byService, type Instance} from './instance.js'
import {type Maintenance} from './maintenance.js'
import {type PublicRoute} from './public-route.js'
import {type Binding, type Release, releaseId} from './release.js'
import {
  type Endpoint,
  endpointOf,
  type RoutedEdge,
  type RoutedServer,
  type RoutedService,
  type RoutingModel,
  settle,
} from './routing.js'
import {checkMillisFor, routingScope} from './routing-scope.js'
import {type Service} from './service.js'

/** What the catalog says of the traffic of one environment. */
export interface RoutingFacts {
  environment: Environment
  services: readonly Service[]
  bindings: readonly Binding[]
  instances: readonly Instance[]
  /** Names of hosts that an operator took out of the traffic. */
  drainedHosts?: ReadonlySet<string>
  /** By release id. A release without one here is checked at its service's health path. */
  releases?: ReadonlyMap<string, Release>
  /** The machines of the environment: how many check each server, and which of them face the outside. */
  hosts?: readonly Host[]
  publicRoutes?: readonly PublicRoute[]
  maintenances?: readonly Maintenance[]
  /** Who may call whom, besides what services say of themselves. */
  consumers?: readonly Pick<Consumer, 'service' | 'consumer'>[]
}

const defaultHealthPath = '/readyz'

/**
 * Who gets which requests on a host; without one: on a host that knows every service and faces nobody outside. An
 * instance is routed when it serves requests and is `up` with a release that its service's binding names; one that
 * is draining, up with another release, or on a drained host finishes what it has. A registered service without such
 * an instance stays in, with no server: its callers learn that it is down, not that it doesn't exist.
 */
export function routingModel(facts: RoutingFacts, host?: Host): RoutingModel {
  const {address, port, header} = facts.environment.router
  const here = ofEnvironment(facts)
  const {known, checkingHosts} = routingScope(here, host)
  const statistics = statisticsOf(facts.environment)
  const checkMillis = checkMillisFor(checkingHosts)
  const services = routedServices(here, known)
  const edge = host?.edge === true ? edgeOf(here, services) : undefined
  return {
    listen: {address, port},
    header,
    services,
    ...(statistics !== undefined && {statistics}),
    ...(checkMillis !== undefined && {checkMillis}),
    ...(edge !== undefined && {edge}),
  }
}

/** The port where HAProxy's figures are read when the environment doesn't say; on a laptop nobody asked for them. */
export function statisticsPortOf({kind, router}: Pick<Environment, 'kind' | 'router'>): number | undefined {
  if (router.statisticsPort !== undefined) return router.statisticsPort
  return kind === 'hosts' && router.port < 65_535 ? router.port + 1 : undefined
}

/** Records of another environment have no say here, wherever they were found. */
function ofEnvironment(facts: RoutingFacts): RoutingFacts {
  const isHere = ({environment}: {environment: string}) => environment === facts.environment.name
  return {
    ...facts,
    instances: facts.instances.filter(isHere),
    ...(facts.hosts !== undefined && {hosts: facts.hosts.filter(isHere)}),
    ...(facts.publicRoutes !== undefined && {publicRoutes: facts.publicRoutes.filter(isHere)}),
    ...(facts.maintenances !== undefined && {maintenances: facts.maintenances.filter(isHere)}),
  }
}

function routedServices(facts: RoutingFacts, known: ReadonlySet<string> | undefined): RoutedService[] {
  const services = new Map(facts.services.map((service) => [service.name, service]))
  const bindings = new Map(facts.bindings.map((binding) => [binding.service, binding]))
  const maintenances = new Map(facts.maintenances?.map(({message, service}) => [service, message]))
  const instances = byService(facts.instances)
  const names = [...new Set([...services.keys(), ...bindings.keys()])]
  const here = known === undefined ? names : names.filter((name) => known.has(name))
  return here.sort(byText).map((name) =>
    routedService(name, {
      service: services.get(name),
      binding: bindings.get(name),
      maintenance: maintenances.get(name),
      instances: instances.get(name) ?? [],
      facts,
    }),
  )
}

interface ServiceFacts {
  service: Service | undefined
  binding: Binding | undefined
  maintenance: string | undefined
  instances: readonly Instance[]
  facts: RoutingFacts
}

/** What a service was made of, and what it came to. Records are never changed in place. */
interface Made {
  service: Service | undefined
  maintenance: string | undefined
  healthPath: string | undefined
  instances: readonly Instance[]
  drained: readonly boolean[]
  routed: RoutedService
}

/** By binding, or by service where there is none: of thousands of services few differ from the last time. */
const made = new WeakMap<Binding | Service, Made>()

function routedService(name: string, parts: ServiceFacts): RoutedService {
  const {binding, facts, instances, maintenance, service} = parts
  const key = binding ?? service
  const healthPath = healthPathOf(service, binding, facts.releases)
  const isDrained = ({host}: Instance) => facts.drainedHosts?.has(host) === true
  const known = key && made.get(key)
  const isSame =
    known !== undefined &&
    known.service === service &&
    known.maintenance === maintenance &&
    known.healthPath === healthPath &&
    known.instances.length === instances.length &&
    instances.every(
      (each, index) => each === known.instances[index] && isDrained(each) === known.drained[index],
    )
  if (isSame) return known.routed
  const routed = settle({
    name,
    ...(healthPath !== undefined && {healthPath}),
    servers: serversOf(instances, binding, facts.drainedHosts),
    ...(service?.routing !== undefined && {settings: {...service.routing}}),
    ...(maintenance !== undefined && {maintenance}),
  })
  const drained = instances.map(isDrained)
  if (key !== undefined) made.set(key, {service, maintenance, healthPath, instances, drained, routed})
  return routed
}

function statisticsOf(environment: Environment): Endpoint | undefined {
  const port = statisticsPortOf(environment)
  const {edge, router} = environment
  // Figures are never worth a port that requests come in at.
  const isTaken = [router.port, edge?.httpPort, edge?.httpsPort].includes(port)
  return port === undefined || isTaken ? undefined : {address: '127.0.0.1', port}
}

function edgeOf({environment, publicRoutes = []}: RoutingFacts, services: readonly RoutedService[]) {
  if (environment.edge === undefined) return undefined
  const {certificates, httpPort, httpsPort, maxBodyBytes, redirect, requestsPerMinute} = environment.edge
  const served = new Set(services.map(({name}) => name))
  const address = '0.0.0.0'
  const edge: RoutedEdge = {
    http: {address, port: httpPort},
    ...(httpsPort !== undefined && {https: {address, port: httpsPort}}),
    ...(httpsPort !== undefined && certificates !== undefined && {certificateDirectory: certificates}),
    redirectsToHttps: redirect && httpsPort !== undefined,
    routes: publicRoutes
      .filter(({service}) => served.has(service))
      .map(({host, path, service}) => ({host, path, service}))
      .sort((left, right) => byText(left.host, right.host) || byText(left.path, right.path)),
    ...(requestsPerMinute !== undefined && {requestsPerMinute}),
    maxBodyBytes,
  }
  return edge
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
  const isWanted = [binding.active, binding.joining, binding.staying].includes(instance.release)
  const isLeaving = !isWanted || drainedHosts?.has(instance.host) === true
  return isLeaving ? 'draining' : 'up'
}

/** One endpoint is one server: an instance that is up has it before one that leaves, in whichever order they come. */
function serversOf(
  instances: readonly Instance[],
  binding: Binding | undefined,
  drainedHosts: ReadonlySet<string> | undefined,
): RoutedServer[] {
  const candidates: Candidate[] = []
  for (const instance of instances) {
    const state = routedState(instance, binding, drainedHosts)
    if (state === undefined || instance.port === undefined) continue
    const {address, id, port, weight} = instance
    const server: RoutedServer = {address, port, state}
    if (weight !== undefined) server.weight = weight
    candidates.push({endpoint: endpointOf(server), id, server})
  }
  candidates.sort(byEndpoint)
  const servers: RoutedServer[] = []
  for (const [index, {endpoint, server}] of candidates.entries()) {
    if (candidates[index - 1]?.endpoint !== endpoint) servers.push(server)
  }
  return servers
}

interface Candidate {
  endpoint: string
  id: string
  server: RoutedServer
}

function byEndpoint(left: Candidate, right: Candidate): number {
  const difference = byText(left.endpoint, right.endpoint)
  if (difference !== 0) return difference
  if (left.server.state !== right.server.state) return left.server.state === 'up' ? -1 : 1
  return byText(left.id, right.id)
}

/** Undefined for a service that is well without an answer over HTTP. */
function healthPathOf(
  service: Service | undefined,
  binding: Binding | undefined,
  releases: ReadonlyMap<string, Release> | undefined,
): string | undefined {
  const active = binding && releases?.get(releaseId(binding.service, binding.active))
  const {kind = 'http', path} = active?.health ?? service?.health ?? {path: defaultHealthPath}
  return kind === 'http' ? path : undefined
}

function byText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}
