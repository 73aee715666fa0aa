import {endpointOf, type RoutedServer, type RoutedService} from '../routing.js'

import {type RunningServer} from './answers.js'
import {type MapContents} from './map-change.js'
import {weightOf} from './server-settings.js'

export interface DriftFacts {
  services: readonly RoutedService[]
  /** Where each of them is reached. */
  backends: ReadonlyMap<string, string>
  running: ReadonlyMap<string, readonly RunningServer[]>
  /** What the maps are to hold, and what they hold. */
  maps: {wanted: MapContents; running: MapContents}
}

/** In what the running HAProxy differs from what was applied, a line each for people: somebody else was at its socket. */
export function driftOf({services, backends, running, maps}: DriftFacts): string[] {
  const placed = services.flatMap((service) => {
    const backend = backends.get(service.name)
    return backend === undefined ? [] : [{service, servers: running.get(backend) ?? []}]
  })
  return [
    ...placed.flatMap(({service, servers}) => serverDrift(service, servers)),
    ...[...maps.wanted].flatMap(([name, entries]) => mapDrift(name, entries, maps.running.get(name))),
  ]
}

function serverDrift({name, servers: wanted}: RoutedService, running: readonly RunningServer[]): string[] {
  const byName = new Map(running.map((server) => [server.name, server]))
  const known = new Set(wanted.map(endpointOf))
  const strangers = running.filter((server) => !known.has(server.name) && !server.maintenance)
  return [
    ...wanted.flatMap((server) => {
      const problem = problemOf(server, byName.get(endpointOf(server)))
      return problem === undefined ? [] : [`${name}: ${endpointOf(server)} ${problem}`]
    }),
    ...strangers.map((server) => `${name}: ${server.name} gets requests and is no instance of it`),
  ]
}

function problemOf(wanted: RoutedServer, running: RunningServer | undefined): string | undefined {
  if (running === undefined) return 'is missing'
  if (running.address !== wanted.address || running.port !== wanted.port)
    return `goes to ${running.address}:${running.port}`
  if (running.maintenance) return 'is in maintenance'
  if (running.draining) return 'is being drained'
  const weight = weightOf(wanted)
  return running.weight === weight ? undefined : `has weight ${running.weight} instead of ${weight}`
}

function mapDrift(
  name: string,
  wanted: ReadonlyMap<string, string>,
  running: ReadonlyMap<string, string> | undefined,
): string[] {
  if (running === undefined) return [`${name} is not there`]
  const lost = [...wanted].filter(([key, value]) => running.get(key) !== value)
  const strange = [...running.keys()].filter((key) => !wanted.has(key))
  return [
    ...lost.map(([key]) => `${key} ${running.has(key) ? 'has another entry' : 'is missing'} in ${name}`),
    ...strange.map((key) => `${key} in ${name} is not of yard`),
  ]
}
