import {type Catalog} from '../catalog/catalog.js'
import {findEnvironment} from '../catalog/find.js'
import {keys} from '../catalog/keys.js'
import {reportBad} from '../catalog/report-bad.js'
import {readRouted} from '../catalog/snapshot.js'
import {type Report} from '../contracts/report.js'
import {serviceState, type ServiceState} from '../domain/service-state.js'

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
 * All registered services and how they fare in one environment. Records that can't be trusted are reported and
 * left out.
 * @throws YardError E_NAME_INVALID or E_ENVIRONMENT_UNKNOWN
 */
export async function listServices(
  {catalog, report}: ServicesListNeeds,
  request: {environment: string},
): Promise<ServicesListReport> {
  const environment = (await findEnvironment(catalog, request.environment)).name
  const services = await catalog.services.list(keys.services)
  const routed = await readRouted(catalog, environment)
  const statuses = await catalog.statuses.list(keys.statuses(environment))
  reportBad(report, [...services.bad, ...routed.bad, ...statuses.bad])

  const bindings = new Map(routed.bindings.map(({record}) => [record.service, record]))
  const instances = routed.instances.map(({record}) => record)
  const seen = new Map(statuses.records.map(({record}) => [record.id, record]))
  return {
    environment,
    services: services.records.map(({record: {name, owner, description}}): ListedService => {
      const binding = bindings.get(name)
      return {
        name,
        owner,
        description,
        state: serviceState(binding, instances, seen),
        ...(binding && {release: binding.active, since: binding.movedAt}),
      }
    }),
  }
}
