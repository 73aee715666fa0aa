import * as v from 'valibot'

import {YardError} from '../../errors.js'
import {type Endpoint, isSettled, type RoutedService, type RoutingModel, settle} from '../routing.js'
import {count, ipv4, port} from '../schema.js'

import {isListenAddress} from './host-address.js'
import {shown} from './shown.js'
import {edgeProblems, usableRoutes} from './usable-edge.js'
import {compare, serviceProblem, usableService} from './usable-service.js'

const headerPattern = /^[A-Za-z][A-Za-z0-9-]{0,63}$/
/** These have a meaning of their own on the way through HAProxy. */
const reservedHeaders = [
  ...['host', 'yard-request-id', 'yard-consumer', 'yard-router', 'traceparent', 'tracestate'],
  ...['connection', 'content-length', 'transfer-encoding'],
]
const checkMillisLimits = v.pipe(count, v.minValue(100), v.maxValue(3_600_000))

export interface UsableModel {
  model: RoutingModel
  /** One line for people per service, server, route or setting that was left out. */
  skipped: string[]
}

/**
 * The part of a model that may become HAProxy text, sorted: the catalog is untrusted, and `haproxy -c` accepts hostile
 * values. What is wrong is left out and told, so that one bad record never stops the others.
 * @throws YardError E_HAPROXY_CONFIG when the addresses to listen on, the header or what guards the edge can't be used.
 */
export function usableModel(wanted: RoutingModel): UsableModel {
  refuseUnusableFrontends(wanted)
  const skipped: string[] = []
  const services = new Map<string, RoutedService>()
  for (const service of wanted.services) {
    const known = usable.get(service)
    const problem = known === undefined ? serviceProblem(service) : undefined
    const isTwice = problem === undefined && services.has(service.name)
    if (problem !== undefined || isTwice) {
      const named = service as Partial<RoutedService> | undefined
      skipped.push(`service ${shown(named?.name)}: ${problem ?? 'is there twice'}`)
      continue
    }
    const found = known ?? usablePart(service)
    services.set(service.name, found.service)
    skipped.push(...found.skipped)
  }
  const {statistics, checkMillis, edge} = wanted
  return {
    model: {
      listen: plainEndpoint(wanted.listen),
      header: wanted.header,
      services: [...services.values()].sort((one, other) => compare(one.name, other.name)),
      ...(isUsable(statistics, isEndpoint, 'statistics', skipped) && {statistics: plainEndpoint(statistics)}),
      ...(isUsable(checkMillis, isCheckMillis, 'check interval', skipped) && {checkMillis}),
      ...(edge !== undefined && {
        edge: {
          http: plainEndpoint(edge.http),
          ...(edge.https && {https: plainEndpoint(edge.https)}),
          ...(edge.certificateDirectory !== undefined && {certificateDirectory: edge.certificateDirectory}),
          redirectsToHttps: edge.redirectsToHttps,
          routes: usableRoutes(edge.routes, services, skipped),
          ...(edge.requestsPerMinute !== undefined && {requestsPerMinute: edge.requestsPerMinute}),
          maxBodyBytes: edge.maxBodyBytes,
        },
      }),
    },
    skipped,
  }
}

interface UsableService {
  service: RoutedService
  skipped: string[]
}

/** Of services that can't change any more: each of thousands is looked at once. */
const usable = new WeakMap<RoutedService, UsableService>()

function usablePart(given: RoutedService): UsableService {
  const skipped: string[] = []
  const service = usableService(given, skipped)
  if (!isSettled(given)) return {service, skipped}
  const found = {service: settle(service), skipped}
  usable.set(given, found)
  return found
}

function refuseUnusableFrontends({listen, header, edge}: RoutingModel): void {
  const problems = [
    ...endpointProblems(listen),
    ...(isHeader(header) ? [] : [`${shown(header)} can't be the routing header`]),
    ...(edge === undefined ? [] : edgeProblems(edge, endpointProblems, listen)),
  ]
  if (problems.length === 0) return
  throw new YardError('E_HAPROXY_CONFIG', {
    what: "Can't configure HAProxy",
    why: problems.join(', '),
    next: ['yard up --port 7070'],
  })
}

function endpointProblems(endpoint: unknown): string[] {
  const {address, port: number} = (endpoint ?? {}) as Partial<Endpoint>
  return [
    ...(v.is(ipv4, address) && isListenAddress(address)
      ? []
      : [`${shown(address)} is not an IPv4 address to listen on`]),
    ...(v.is(port, number) ? [] : [`${shown(number)} is not a port`]),
  ]
}

function isHeader(header: unknown): boolean {
  return (
    typeof header === 'string' &&
    headerPattern.test(header) &&
    !reservedHeaders.includes(header.toLowerCase())
  )
}

/** False for what is absent, and for what is wrong, which is told. */
function isUsable<T>(
  value: T | undefined,
  isRight: (value: T) => boolean,
  what: string,
  skipped: string[],
): value is T {
  if (value === undefined) return false
  if (isRight(value)) return true
  skipped.push(`${what}: ${shown(value)} can't be used`)
  return false
}

function isEndpoint(endpoint: Endpoint): boolean {
  return endpointProblems(endpoint).length === 0
}

function isCheckMillis(value: number): boolean {
  return v.is(checkMillisLimits, value)
}

function plainEndpoint({address, port: number}: Endpoint): Endpoint {
  return {address, port: number}
}
