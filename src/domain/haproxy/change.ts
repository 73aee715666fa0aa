import {endpointOf, type RoutedServer, type RoutingModel} from '../routing.js'

import {type RunningServer} from './answers.js'
import {backendName} from './names.js'
import {drainingWeight, serverSettings, weightOf} from './server-settings.js'

/** What turns the running HAProxy into the model. */
export type RoutingChange =
  | {kind: 'none'}
  | {kind: 'reload'}
  | {
      kind: 'runtime'
      /** Done first; the commands of one server go in one batch. */
      bringUp: string[][]
      /** Of each of these lists of servers one must be healthy before anything is taken down, or the change counts as made. */
      await: string[][]
      takeDown: string[][]
      /** May be refused while connections are open; then the entry stays in maintenance until the next reload. */
      discard: string[][]
    }

export interface RunningRouting {
  generation: string
  servers: RunningServer[]
}

interface Pair {
  backend: string
  server: RoutedServer
  running: RunningServer | undefined
}

/**
 * Compares what runs with the model and its generation. An entry that carried traffic never gets another address:
 * a busy keep-alive client would stay on the old one.
 * @param canAddServers whether this HAProxy adds checked servers over its socket (2.6 and newer)
 */
export function planChange(
  running: RunningRouting,
  wanted: {model: RoutingModel; generation: string},
  canAddServers: boolean,
): RoutingChange {
  if (running.generation !== wanted.generation) return {kind: 'reload'}
  const byKey = new Map(running.servers.map((server) => [`${server.backend}/${server.name}`, server]))
  const pairs = wanted.model.services.flatMap((service) =>
    service.servers.map((server): Pair => {
      const backend = backendName(service.name)
      return {backend, server, running: byKey.get(`${backend}/${endpointOf(server)}`)}
    }),
  )
  if (pairs.some((pair) => needsReload(pair, canAddServers))) return {kind: 'reload'}
  const kept = new Set(pairs.map(keyOf))
  const removed = running.servers.filter((server) => !kept.has(`${server.backend}/${server.name}`))
  return runtimeChange(pairs, removed)
}

function needsReload({server, running}: Pair, canAddServers: boolean): boolean {
  if (running === undefined) return !canAddServers
  return running.address !== server.address || running.port !== server.port
}

function runtimeChange(pairs: Pair[], removed: RunningServer[]): RoutingChange {
  const active = removed.filter((server) => !server.maintenance)
  const drained = pairs.filter((pair) => isOutOfLine(pair) && isRunningAlready(pair) && !getsTraffic(pair))
  const raised = pairs.filter((pair) => isOutOfLine(pair) && !drained.includes(pair))
  if (active.length + drained.length + raised.length === 0) return {kind: 'none'}
  const changing = new Set([...active, ...drained, ...raised].map(({backend}) => backend))
  const staying = [...changing].map((backend) =>
    pairs.filter((pair) => pair.backend === backend && getsTraffic(pair)),
  )
  return {
    kind: 'runtime',
    bringUp: raised.map(raise),
    await: staying.filter((servers) => servers.length > 0).map((servers) => servers.map(keyOf)),
    takeDown: [
      ...drained.map((pair) => [`set server ${keyOf(pair)} weight ${weightOf(pair.server)}`]),
      ...active.map((server) => [`set server ${server.backend}/${server.name} state maint`]),
    ],
    discard: removed.map((server) => [`del server ${server.backend}/${server.name}`]),
  }
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

function raise(pair: Pair): string[] {
  const key = keyOf(pair)
  if (pair.running === undefined)
    return [`add server ${key} ${serverSettings(pair.server)}`, ...startDown(key)]
  const weight = `set server ${key} weight ${weightOf(pair.server)}`
  if (pair.running.maintenance) return [weight, ...startDown(key)]
  return [`set server ${key} state ready`, weight]
}

/** HAProxy takes a server that it just got for healthy; this order makes it wait for the first passed check. */
function startDown(key: string): string[] {
  return [`set server ${key} state ready`, `set server ${key} health down`, `enable health ${key}`]
}

function keyOf({backend, server}: Pair): string {
  return `${backend}/${endpointOf(server)}`
}
