import {endpointOf, type RoutedServer, type RoutedService} from '../routing.js'

import {type RunningServer} from './answers.js'
import {drainingWeight, serverSettings, weightOf} from './server-settings.js'

/** What turns servers of the running HAProxy into the model's; commands of one server go in one batch. */
export interface ServerChange {
  /** Done first. */
  bringUp: string[][]
  /** Of each of these lists of servers one must be healthy before anything is taken down, or the change counts as made. */
  await: string[][]
  takeDown: string[][]
  /** May be refused while connections are open; then the entry stays in maintenance until the next reload. */
  discard: string[][]
}

export interface ServerPlan {
  /** Undefined when all is as it should be. */
  change: ServerChange | undefined
  /** Why the socket can't do it, one clause each; empty when it can. */
  reasons: string[]
  /** Entries of servers that are no more, in maintenance until a reload or until they can be deleted. */
  leftovers: string[][]
}

export interface PlanningFacts {
  services: readonly RoutedService[]
  /** Where each of them is reached; one that is missing can't be reached yet. */
  backends: ReadonlyMap<string, string>
  /** Of every backend that is looked at: also of those that no service of the model is on. */
  running: ReadonlyMap<string, readonly RunningServer[]>
  checkMillis: number | undefined
  /** Whether this HAProxy adds checked servers over its socket (2.6 and newer). */
  canAddServers: boolean
  /** Endpoints that answer their health check now, by service: they need no proof of HAProxy's own. */
  passing: ReadonlySet<string>
}

interface Pair {
  backend: string
  service: RoutedService
  server: RoutedServer
  running: RunningServer | undefined
  isPassing: boolean
}

/** How `passing` names a server. */
export function passingKey(service: string, server: RoutedServer): string {
  return `${service}/${endpointOf(server)}`
}

/**
 * Compares the servers that run with those of the model. An entry that carried traffic never gets another address:
 * a busy keep-alive client would stay on the old one.
 */
export function planServers(facts: PlanningFacts): ServerPlan {
  const pairs = facts.services.flatMap((service) => pairsOf(service, facts))
  const misfits = pairs.filter((pair) => isMisfit(pair, facts.canAddServers))
  const kept = new Set(pairs.map(keyOf))
  const removed = [...facts.running.values()].flat().filter((server) => !kept.has(nameOf(server)))
  const change = serverChange(
    pairs.filter((pair) => !misfits.includes(pair)),
    removed,
    facts.checkMillis,
  )
  return {
    change,
    reasons: misfits.map(({service, server}) => `${endpointOf(server)} of ${service.name} can't be added`),
    leftovers: removed.filter(({maintenance}) => maintenance).map(discard),
  }
}

function pairsOf(service: RoutedService, {backends, running, passing}: PlanningFacts): Pair[] {
  const backend = backends.get(service.name)
  if (backend === undefined) return []
  const byName = new Map((running.get(backend) ?? []).map((server) => [server.name, server]))
  return service.servers.map((server) => ({
    ...{backend, service, server},
    running: byName.get(endpointOf(server)),
    isPassing: passing.has(passingKey(service.name, server)),
  }))
}

function isMisfit({server, running}: Pair, canAddServers: boolean): boolean {
  if (running === undefined) return !canAddServers
  return running.address !== server.address || running.port !== server.port
}

function serverChange(
  pairs: Pair[],
  removed: RunningServer[],
  checkMillis: number | undefined,
): ServerChange | undefined {
  const active = removed.filter((server) => !server.maintenance)
  const drained = pairs.filter((pair) => isOutOfLine(pair) && isRunningAlready(pair) && !getsTraffic(pair))
  const raised = pairs.filter((pair) => isOutOfLine(pair) && !drained.includes(pair))
  if (active.length + drained.length + raised.length === 0) return undefined
  const lowered = [...active, ...drained].map(({backend}) => backend)
  return {
    bringUp: raised.map((pair) => raise(pair, checkMillis)),
    await: [...new Set(lowered)].flatMap((backend) => awaited(backend, pairs)),
    takeDown: [
      ...drained.map((pair) => [`set server ${keyOf(pair)} weight ${weightOf(pair.server)}`]),
      ...active.map((server) => [`set server ${nameOf(server)} state maint`]),
    ],
    discard: removed.map(discard),
  }
}

/** The servers of a backend of which one must serve before others are taken down; none when one does already. */
function awaited(backend: string, pairs: readonly Pair[]): string[][] {
  const staying = pairs.filter((pair) => pair.backend === backend && getsTraffic(pair))
  const isStaffed = staying.some((pair) => pair.isPassing || isServing(pair))
  return staying.length === 0 || isStaffed ? [] : [staying.map(keyOf)]
}

function isServing({running}: Pair): boolean {
  if (running === undefined) return false
  return running.healthy && !running.maintenance && !running.draining && running.weight > 0
}

function getsTraffic({server}: Pair): boolean {
  return weightOf(server) !== drainingWeight
}

function isOutOfLine({server, running}: Pair): boolean {
  if (running === undefined || running.maintenance || running.draining) return true
  return running.weight !== weightOf(server)
}

function isRunningAlready({running}: Pair): boolean {
  return running !== undefined && !running.maintenance && !running.draining
}

function raise(pair: Pair, checkMillis: number | undefined): string[] {
  const key = keyOf(pair)
  const {running, server, service} = pair
  if (running === undefined)
    return [`add server ${key} ${serverSettings(server, service, checkMillis)}`, ...begin(pair)]
  const weight = `set server ${key} weight ${weightOf(server)}`
  if (running.maintenance) return [weight, ...begin(pair)]
  return [`set server ${key} state ready`, weight]
}

/** HAProxy takes a server that it just got for healthy; unless it is known to be, this makes it wait for the first passed check. */
function begin(pair: Pair): string[] {
  const key = keyOf(pair)
  const down = pair.isPassing ? [] : [`set server ${key} health down`]
  return [`set server ${key} state ready`, ...down, `enable health ${key}`]
}

function discard(server: RunningServer): string[] {
  return [`del server ${nameOf(server)}`]
}

function keyOf({backend, server}: Pair): string {
  return `${backend}/${endpointOf(server)}`
}

function nameOf({backend, name}: RunningServer): string {
  return `${backend}/${name}`
}
