import * as v from 'valibot'

import {publicHostPattern, publicName, publicPathPattern} from '../public-route.js'
import {type EdgeRoute, type Endpoint, type RoutedEdge} from '../routing.js'
import {count} from '../schema.js'

import {shown} from './shown.js'
import {compare} from './usable-service.js'

const requestsPerMinute = v.pipe(count, v.minValue(1), v.maxValue(10_000_000))

/** What is wrong with how an edge listens and guards itself. Leaving any of that out would be worse than no change. */
export function edgeProblems(
  edge: RoutedEdge,
  endpointProblems: (endpoint: unknown) => string[],
  listen: Endpoint,
): string[] {
  if (typeof edge !== 'object' || (edge as unknown) === null) return ['the edge is not a record']
  const problems = [
    ...endpointProblems(edge.http),
    ...(edge.https === undefined ? [] : endpointProblems(edge.https)),
    ...(typeof edge.redirectsToHttps === 'boolean' ? [] : ['the redirect to HTTPS is neither on nor off']),
    ...(v.is(count, edge.maxBodyBytes) ? [] : [`${shown(edge.maxBodyBytes)} is not a size of bodies`]),
    ...(edge.requestsPerMinute === undefined || v.is(requestsPerMinute, edge.requestsPerMinute)
      ? []
      : [`${shown(edge.requestsPerMinute)} is not a number of requests`]),
    ...(edge.certificateDirectory === undefined || isPlainDirectory(edge.certificateDirectory)
      ? []
      : [`${shown(edge.certificateDirectory)} is not a directory of certificates`]),
    ...(Array.isArray(edge.routes) ? [] : ['the edge has no list of routes']),
  ]
  if (problems.length > 0) return problems
  const listeners = [listen, edge.http, ...(edge.https === undefined ? [] : [edge.https])]
  const overlap = listeners.find((one, index) =>
    listeners.slice(index + 1).some((other) => overlaps(one, other)),
  )
  return overlap === undefined ? [] : [`port ${overlap.port} is listened on twice`]
}

/** The routes to services that are there, sorted by what callers type. */
export function usableRoutes(
  wanted: readonly EdgeRoute[],
  services: ReadonlyMap<string, unknown>,
  skipped: string[],
): EdgeRoute[] {
  const routes = new Map<string, EdgeRoute>()
  for (const route of wanted) {
    const problem = routeProblem(route, services)
    if (problem !== undefined)
      skipped.push(`route ${shown((route as Partial<EdgeRoute> | undefined)?.host)}: ${problem}`)
    else if (routes.has(publicName(route))) skipped.push(`route ${publicName(route)}: is there twice`)
    else routes.set(publicName(route), {host: route.host, path: route.path, service: route.service})
  }
  return [...routes.values()].sort(
    (one, other) => compare(one.host, other.host) || compare(one.path, other.path),
  )
}

function isPlainDirectory(directory: unknown): boolean {
  return typeof directory === 'string' && /^(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*){1,20}$/.test(directory)
}

function routeProblem(route: unknown, services: ReadonlyMap<string, unknown>): string | undefined {
  if (typeof route !== 'object' || route === null) return 'is not a record'
  const {host, path, service} = route as Partial<EdgeRoute>
  if (typeof host !== 'string' || !publicHostPattern.test(host)) return 'is not a public host name'
  if (typeof path !== 'string' || !publicPathPattern.test(path))
    return `path ${shown(path)} is not a path such as /api`
  return typeof service === 'string' && services.has(service)
    ? undefined
    : `service ${shown(service)} is not served here`
}

function overlaps(one: Endpoint, other: Endpoint): boolean {
  const everywhere = '0.0.0.0'
  const isSamePlace = [one.address, other.address].includes(everywhere) || one.address === other.address
  return one.port === other.port && isSamePlace
}
