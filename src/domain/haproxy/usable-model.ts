import * as v from 'valibot'

import {YardError} from '../../errors.js'
import {printable} from '../names.js'
import {endpointOf, type RoutedServer, type RoutedService, type RoutingModel} from '../routing.js'
import {ipv4, name, port, serverWeight, urlPath} from '../schema.js'

const headerPattern = /^[A-Za-z][A-Za-z0-9-]{0,63}$/
/** These have a meaning of their own on the way through HAProxy. */
const reservedHeaders = [
  'host',
  'yard-request-id',
  'traceparent',
  'tracestate',
  'connection',
  'content-length',
]

export interface UsableModel {
  model: RoutingModel
  /** One line for people per service or server that was left out. */
  skipped: string[]
}

/**
 * The part of a model that may become HAProxy text, sorted: the catalog is untrusted, and `haproxy -c` accepts hostile
 * values. What is wrong is left out and told, so that one bad record never stops the others.
 * @throws YardError E_HAPROXY_CONFIG when the listening address or the header itself can't be used.
 */
export function usableModel(wanted: RoutingModel): UsableModel {
  refuseUnusableFrontend(wanted)
  const skipped: string[] = []
  const services = new Map<string, RoutedService>()
  for (const service of wanted.services) {
    const problem = serviceProblem(service, services)
    if (problem === undefined) services.set(service.name, usableService(service, skipped))
    else skipped.push(`service ${shown((service as Partial<RoutedService> | undefined)?.name)}: ${problem}`)
  }
  const {address, port: listenPort} = wanted.listen
  return {
    model: {
      listen: {address, port: listenPort},
      header: wanted.header,
      services: [...services.values()].sort((one, other) => compare(one.name, other.name)),
    },
    skipped,
  }
}

function refuseUnusableFrontend({listen, header}: RoutingModel): void {
  const problems = [
    v.is(ipv4, listen.address) ? '' : `${shown(listen.address)} is not an IPv4 address`,
    v.is(port, listen.port) ? '' : `${shown(listen.port)} is not a port`,
    isHeader(header) ? '' : `${shown(header)} can't be the routing header`,
  ].filter((problem) => problem !== '')
  if (problems.length === 0) return
  throw new YardError('E_HAPROXY_CONFIG', {
    what: "Can't configure HAProxy",
    why: problems.join(', '),
    next: ['yard up --port 7070'],
  })
}

function isHeader(header: unknown): boolean {
  return (
    typeof header === 'string' &&
    headerPattern.test(header) &&
    !reservedHeaders.includes(header.toLowerCase())
  )
}

function serviceProblem(service: unknown, taken: ReadonlyMap<string, unknown>): string | undefined {
  if (typeof service !== 'object' || service === null) return 'is not a record'
  const {name: serviceName, healthPath, servers} = service as Partial<RoutedService>
  if (!v.is(name, serviceName)) return 'is not a valid name'
  if (taken.has(serviceName)) return 'is there twice'
  if (!v.is(urlPath, healthPath)) return `health path ${shown(healthPath)} is not a URL path`
  return Array.isArray(servers) ? undefined : 'has no list of servers'
}

function usableService(service: RoutedService, skipped: string[]): RoutedService {
  const servers = new Map<string, RoutedServer>()
  for (const server of service.servers) {
    const problem = serverProblem(server)
    if (problem !== undefined) skipped.push(`${service.name}: server ${problem}`)
    else if (servers.has(endpointOf(server)))
      skipped.push(`${service.name}: server ${endpointOf(server)} is there twice`)
    else servers.set(endpointOf(server), plainServer(server))
  }
  return {
    name: service.name,
    healthPath: service.healthPath,
    servers: [...servers.values()].sort((one, other) => compare(endpointOf(one), endpointOf(other))),
  }
}

function plainServer({address, port: serverPort, state, weight}: RoutedServer): RoutedServer {
  return {address, port: serverPort, state, ...(weight !== undefined && {weight})}
}

function serverProblem(server: unknown): string | undefined {
  if (typeof server !== 'object' || server === null) return 'is not a record'
  const {address, port: serverPort, state, weight} = server as Partial<RoutedServer>
  if (!v.is(ipv4, address)) return `address ${shown(address)} is not an IPv4 address`
  if (!v.is(port, serverPort)) return `port ${shown(serverPort)} is not a port`
  if (state !== 'up' && state !== 'draining') return `state ${shown(state)} is neither up nor draining`
  return weight === undefined || v.is(serverWeight, weight)
    ? undefined
    : `weight ${shown(weight)} is not from 0 to 256`
}

function shown(value: unknown): string {
  if (typeof value === 'string') return printable(value)
  return typeof value === 'number' ? String(value) : `of type ${typeof value}`
}

/** By code unit, so that the order is the same on every machine. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
