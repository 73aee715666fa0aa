import {maintenanceMessagePattern} from '../maintenance.js'
import {endpointOf, type RoutedServer, type RoutedService, type RoutedSettings} from '../routing.js'
import {ipv4, name, port, serverWeight, urlPath} from '../schema.js'

import {accepts} from './accepts.js'
import {isHostAddress} from './host-address.js'
import {shown} from './shown.js'

/** Of each setting, the smallest and the greatest that HAProxy is given. */
const limits: Record<keyof RoutedSettings, readonly [number, number]> = {
  responseMillis: [1, 86_400_000],
  connectMillis: [1, 600_000],
  queueMillis: [1, 600_000],
  maxConnections: [1, 1_000_000],
  slowStartMillis: [1, 86_400_000],
  retries: [0, 100],
}

/** Stands in for words that can't be shown: the service is closed all the same. */
const plainMessage = 'This service is closed for maintenance.'

export function serviceProblem(service: unknown): string | undefined {
  if (typeof service !== 'object' || service === null) return 'is not a record'
  const {name: serviceName, healthPath, servers} = service as Partial<RoutedService>
  if (!accepts(name, serviceName)) return 'is not a valid name'
  if (healthPath !== undefined && !accepts(urlPath, healthPath))
    return `health path ${shown(healthPath)} is not a URL path`
  return Array.isArray(servers) ? undefined : 'has no list of servers'
}

/** Without the servers, settings and words that can't be used, each of which is told. */
export function usableService(service: RoutedService, skipped: string[]): RoutedService {
  const settings = usableSettings(service, skipped)
  const maintenance = usableMaintenance(service, skipped)
  return {
    name: service.name,
    ...(service.healthPath !== undefined && {healthPath: service.healthPath}),
    servers: usableServers(service, skipped),
    ...(settings !== undefined && {settings}),
    ...(maintenance !== undefined && {maintenance}),
  }
}

/** By code unit, so that the order is the same on every machine. */
export function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

function usableServers(service: RoutedService, skipped: string[]): RoutedServer[] {
  const servers = new Map<string, RoutedServer>()
  for (const server of service.servers) {
    const problem = serverProblem(server)
    if (problem !== undefined) skipped.push(`${service.name}: server ${problem}`)
    else if (servers.has(endpointOf(server)))
      skipped.push(`${service.name}: server ${endpointOf(server)} is there twice`)
    else servers.set(endpointOf(server), plainServer(server))
  }
  return [...servers].sort(([one], [other]) => compare(one, other)).map(([, server]) => server)
}

function plainServer({address, port: serverPort, state, weight}: RoutedServer): RoutedServer {
  return {address, port: serverPort, state, ...(weight !== undefined && {weight})}
}

function serverProblem(server: unknown): string | undefined {
  if (typeof server !== 'object' || server === null) return 'is not a record'
  const {address, port: serverPort, state, weight} = server as Partial<RoutedServer>
  if (!accepts(ipv4, address)) return `address ${shown(address)} is not an IPv4 address`
  if (!isHostAddress(address)) return `address ${shown(address)} is not that of a host`
  if (!accepts(port, serverPort)) return `port ${shown(serverPort)} is not a port`
  if (state !== 'up' && state !== 'draining') return `state ${shown(state)} is neither up nor draining`
  return weight === undefined || accepts(serverWeight, weight)
    ? undefined
    : `weight ${shown(weight)} is not from 0 to 256`
}

function usableSettings(service: RoutedService, skipped: string[]): RoutedSettings | undefined {
  const given: unknown = service.settings
  if (given === undefined) return undefined
  if (typeof given !== 'object' || given === null) {
    skipped.push(`${service.name}: settings ${shown(given)} are not a record`)
    return undefined
  }
  const usable: RoutedSettings = {}
  for (const setting of Object.keys(limits) as (keyof RoutedSettings)[]) {
    const value: unknown = (given as RoutedSettings)[setting]
    if (value === undefined) continue
    const [least, most] = limits[setting]
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most)
      usable[setting] = value
    else skipped.push(`${service.name}: ${setting} ${shown(value)} is not from ${least} to ${most}`)
  }
  return Object.keys(usable).length === 0 ? undefined : usable
}

function usableMaintenance(service: RoutedService, skipped: string[]): string | undefined {
  const message: unknown = service.maintenance
  if (message === undefined) return undefined
  if (typeof message === 'string' && maintenanceMessagePattern.test(message)) return message
  skipped.push(`${service.name}: maintenance message ${shown(message)} is not a plain sentence`)
  return plainMessage
}
