import {defaultRouterPort, localEnvironmentName} from './environment.js'
import {type PlatformFileText} from './platform-file-schema.js'
import {type Problem} from './schema.js'

type EnvironmentText = NonNullable<NonNullable<PlatformFileText['environments']>[string]>
type RoutingText = NonNullable<PlatformFileText['routing']>
type EdgeText = NonNullable<EnvironmentText['edge']>

/** What can't all be true of the ports and the edges of a platform file. */
export function edgeProblems({environments = {}, routing = {}}: PlatformFileText): Problem[] {
  return [
    ...statisticsProblems(['routing'], routing, {}),
    ...Object.entries(environments).flatMap(([name, declared]) => {
      const path = ['environments', name]
      // Of `local` an edge is refused as such.
      if (declared === null || name === localEnvironmentName) return []
      return [
        ...statisticsProblems([...path, 'routing'], declared.routing ?? {}, routing),
        ...(declared.edge === undefined ? [] : protocolProblems([...path, 'edge'], declared.edge)),
        ...portProblems(path, declared, routing),
        ...hostProblems(path, declared),
      ]
    }),
  ]
}

/** The port of HTTPS: there is one as soon as there are certificates. */
export function httpsPortOf({certificates, httpsPort}: EdgeText): number | undefined {
  return httpsPort ?? (certificates === undefined ? undefined : 443)
}

function statisticsProblems(path: string[], own: RoutingText, whole: RoutingText): Problem[] {
  const port = own.port ?? whole.port ?? defaultRouterPort
  const statisticsPort = own.statisticsPort ?? whole.statisticsPort
  const isOwn = own.statisticsPort !== undefined || own.port !== undefined
  if (statisticsPort !== port || !isOwn) return []
  const key = own.statisticsPort === undefined ? 'port' : 'statisticsPort'
  const other = own.statisticsPort === undefined ? 'the statisticsPort' : 'the port'
  return [{path: [...path, key], message: `is ${other} of the routing, too: HAProxy needs two`}]
}

function protocolProblems(path: string[], edge: EdgeText): Problem[] {
  const {certificates, httpPort = 80, httpsPort, redirect} = edge
  const https = httpsPortOf(edge)
  const problems: Problem[] = []
  if (httpsPort !== undefined && certificates === undefined) {
    const message = 'needs certificates, a directory on those hosts: add certificates: /etc/yard/certificates'
    problems.push({path: [...path, 'httpsPort'], message})
  }
  if (https === httpPort) {
    const message = `is ${httpPort}, as httpPort is: HTTP and HTTPS need a port each`
    problems.push({path: [...path, httpsPort === undefined ? 'httpPort' : 'httpsPort'], message})
  }
  if (redirect === true && https === undefined) {
    const message = 'leads nowhere without HTTPS: add certificates: /etc/yard/certificates, or take it out'
    problems.push({path: [...path, 'redirect'], message})
  }
  return problems
}

/** What comes in from outside at a port of the inside would be taken for a request of the inside. */
function portProblems(path: string[], {edge, routing: own = {}}: EnvironmentText, whole: RoutingText) {
  if (edge === undefined) return []
  const port = own.port ?? whole.port ?? defaultRouterPort
  const statisticsPort = own.statisticsPort ?? whole.statisticsPort ?? port + 1
  const problems: Problem[] = []
  const given: ['httpPort' | 'httpsPort', number | undefined][] = [
    ['httpPort', edge.httpPort ?? 80],
    ['httpsPort', httpsPortOf(edge)],
  ]
  for (const [key, value] of given) {
    const place = [...path, 'edge', ...(edge[key] === undefined ? [] : [key])]
    const named = edge[key] === undefined ? `has ${key} ${value ?? ''}, which is` : 'is'
    if (value === port) problems.push({path: place, message: `${named} the port of the routing, too`})
    if (value === statisticsPort) {
      const message = `${named} the port of HAProxy's figures, too: give routing.statisticsPort another one`
      problems.push({path: place, message})
    }
  }
  return problems
}

function hostProblems(path: string[], {edge, hosts = {}}: EnvironmentText): Problem[] {
  if (edge !== undefined) return []
  return Object.entries(hosts)
    .filter(([, host]) => host.edge === true)
    .map(([name]) => ({
      path: [...path, 'hosts', name, 'edge'],
      message: 'needs an edge: group in its environment, such as edge: {httpPort: 80}',
    }))
}
