import {endpointOf, type Endpoint, type RoutingModel} from '../routing.js'

import {readMapFile, repeatedKeys} from './map-change.js'
import {configFile, publicMap, type RenderedRouting, servicesMap} from './rendered.js'

/** What HAProxy opens besides connections and checks: its log, sockets between its processes, a reserve. */
const otherDescriptors = 100

/** Every address that a configuration listens on, sorted. */
export function bindsOf(config: string): string[] {
  const backends = config.indexOf('\nbackend ')
  const frame = backends < 0 ? config : config.slice(0, backends)
  const binds = [...frame.matchAll(/^\s*bind (\d+\.\d+\.\d+\.\d+:\d+)/gm)].map(
    ([, endpoint]) => endpoint ?? '',
  )
  return [...new Set(binds)].sort()
}

/** Such as `127.0.0.1:80`. */
export function parseBind(bind: string): Endpoint {
  const [address = '', port = ''] = bind.split(':')
  return {address, port: Number(port)}
}

/**
 * How many files HAProxy opens at most for this model: each connection is one to the client and one to the server, and each
 * server is checked over one of its own. `haproxy -c` accepts more than it may open; the reload is then refused.
 */
export function descriptorsNeeded(model: RoutingModel, maxConnections: number, binds: number): number {
  const servers = model.services.reduce((sum, service) => sum + service.servers.length, 0)
  return 2 * maxConnections + servers + binds + otherDescriptors
}

/** What is wrong with the maps that `haproxy -c` accepts all the same, a clause each that names the service. */
export function mapFaults({files}: Pick<RenderedRouting, 'files'>): string[] {
  const text = (name: string) => files.find((file) => file.name === name)?.text ?? ''
  const backends = new Set([...text(configFile).matchAll(/^backend (\S+)$/gm)].map(([, name]) => name))
  const services = readMapFile(text(servicesMap))
  const repeated = files
    .filter(({name}) => name.endsWith('.map'))
    .flatMap((file) => repeatedKeys(file.text).map((key) => `${key} is in ${file.name} twice`))
  const lost = [...services]
    .filter(([, backend]) => !backends.has(backend))
    .map(([service, backend]) => `${service} is to go to ${backend || 'nowhere'}, which is not there`)
  const unknown = [...readMapFile(text(publicMap))]
    .filter(([, service]) => !services.has(service))
    .map(([route, service]) => `${route} is to go to ${service || 'nowhere'}, which is not there`)
  return [...repeated, ...lost, ...unknown]
}

/** The addresses that are listened on twice over by one model. */
export function clashesOf(model: RoutingModel): string[] {
  const {listen, statistics, edge} = model
  const all = [listen, statistics, edge?.http, edge?.https].flatMap((each) =>
    each === undefined ? [] : [endpointOf(each)],
  )
  return [...new Set(all.filter((bind, index) => all.indexOf(bind) !== index))]
}
