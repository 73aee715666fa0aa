import {type Catalog} from '../../catalog/catalog.js'
import {reportBad} from '../../catalog/report-bad.js'
import {readRoutingFacts} from '../../catalog/routing-facts.js'
import {findEnvironment, findService} from '../../catalog/find.js'
import {type Report} from '../../contracts/report.js'
import {publicName} from '../../domain/public-route.js'
import {type RoutedService} from '../../domain/routing.js'
import {type RoutingFacts, routingModel} from '../../domain/routing-model.js'

export interface ListedRoute {
  /** What callers write: a public name, `Yard-Service: billing`, or `billing.localhost:7070`. */
  name: string
  kind: 'public' | 'header' | 'internal'
  service: string
  /**
   * `closed`: for maintenance. `down`: no instance gets requests. `no-service`: a public name leads to nothing.
   * `no-edge`: no host faces the outside.
   */
  state: 'up' | 'closed' | 'down' | 'no-service' | 'no-edge'
}

export interface RoutesReport {
  environment: string
  routes: ListedRoute[]
}

/**
 * The names by which services are reached: public ones first, then those of the inside, sorted by service.
 * Records that can't be trusted are reported and left out.
 * @throws YardError E_ENVIRONMENT_UNKNOWN, E_SERVICE_UNKNOWN
 */
export async function listRoutes(
  {catalog, report}: {catalog: Catalog; report: Report},
  request: {environment: string; service: string | undefined; declaredEnvironments: readonly string[]},
): Promise<RoutesReport> {
  const environment = await findEnvironment(catalog, request.environment, request.declaredEnvironments)
  if (request.service !== undefined) await findService(catalog, request.service)
  const {bad, facts} = await readRoutingFacts(catalog, environment)
  reportBad(report, bad)
  const model = routingModel(facts)
  const states = new Map(model.services.map((service) => [service.name, stateOf(service)]))
  const isOfIt = ({service}: {service: string}) =>
    request.service === undefined || service === request.service
  const inside = model.services.flatMap(({name}): ListedRoute[] => {
    const state = states.get(name) ?? 'down'
    return [
      {name: `${model.header}: ${name}`, kind: 'header', service: name, state},
      {name: `${name}.localhost:${model.listen.port}`, kind: 'internal', service: name, state},
    ]
  })
  return {environment: environment.name, routes: [...outside(facts, states), ...inside].filter(isOfIt)}
}

function outside(
  {environment, hosts = [], publicRoutes = []}: RoutingFacts,
  states: ReadonlyMap<string, ListedRoute['state']>,
): ListedRoute[] {
  const isServed = environment.edge !== undefined && hosts.some(({edge}) => edge === true)
  return publicRoutes.map((route) => {
    const state = states.get(route.service) ?? 'no-service'
    return {
      name: publicName(route),
      kind: 'public',
      service: route.service,
      state: isServed || state === 'no-service' ? state : 'no-edge',
    }
  })
}

function stateOf({maintenance, servers}: RoutedService): ListedRoute['state'] {
  if (maintenance !== undefined) return 'closed'
  return servers.some(({state, weight}) => state === 'up' && weight !== 0) ? 'up' : 'down'
}
