import {type Catalog} from '../catalog/catalog.js'
import {findEnvironment} from '../catalog/find.js'
import {keys} from '../catalog/keys.js'
import {reportBad} from '../catalog/report-bad.js'
import {type Report} from '../contracts/report.js'
import {type Binding} from '../domain/release.js'
import {isUpByCount, servingOf, type ServiceState} from '../domain/service-state.js'
import {lookAtInstances} from './service-states.js'

export interface ServicesListNeeds {
  catalog: Catalog
  report: Report
}

export interface ServicesListReport {
  environment: string
  services: ListedService[]
}

export interface ListedService {
  name: string
  owner: string
  description: string
  state: ServiceState
  /** The release that has the traffic, and since when. */
  release?: number
  since?: string
}

/**
 * All registered services and how they fare in one environment. Those of which all instances serve are known by what
 * their hosts count; only of the others each instance is read. Records that can't be trusted are reported and left out.
 * @throws YardError E_NAME_INVALID or E_ENVIRONMENT_UNKNOWN
 */
export async function listServices(
  {catalog, report}: ServicesListNeeds,
  request: {environment: string},
): Promise<ServicesListReport> {
  const environment = (await findEnvironment(catalog, request.environment)).name
  const services = await catalog.services.listAs(keys.services, ({record: {name, owner, description}}) => ({
    name,
    owner,
    description,
  }))
  const bindings = await catalog.bindings.list(keys.bindings(environment))
  const agents = await catalog.agents.list(keys.agents(environment))
  const serving = servingOf(agents.records.map(({record}) => record))
  const byName = new Map(bindings.records.map(({record}) => [record.service, record]))
  const isUp = (binding: Binding) => isUpByCount(binding, serving)
  const doubtful = services.records.flatMap(({name}) => byName.get(name) ?? []).filter((each) => !isUp(each))
  const looked = await lookAtInstances(catalog, environment, doubtful, serving)
  reportBad(report, [...services.bad, ...bindings.bad, ...agents.bad, ...looked.bad])

  return {
    environment,
    services: services.records.map(({name, owner, description}): ListedService => {
      const binding = byName.get(name)
      return {
        name,
        owner,
        description,
        state: looked.states.get(name) ?? (binding === undefined ? 'not-deployed' : 'up'),
        ...(binding && {release: binding.active, since: binding.movedAt}),
      }
    }),
  }
}
