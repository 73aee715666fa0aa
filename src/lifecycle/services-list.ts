import {type Catalog} from '../catalog/catalog.js'
import {findEnvironment} from '../catalog/find.js'
import {keys} from '../catalog/keys.js'
import {reportBad} from '../catalog/report-bad.js'
import {readRoutedAs} from '../catalog/snapshot.js'
import {type Report} from '../contracts/report.js'
import {
  type SeenInstance,
  serviceState,
  type ServiceState,
  type WantedInstance,
} from '../domain/service-state.js'

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
  const services = await catalog.services.listAs(keys.services, ({record: {name, owner, description}}) => ({
    name,
    owner,
    description,
  }))
  const routed = await readRoutedAs(
    catalog,
    environment,
    ({record: {id, service, release, state}}): WantedInstance => ({id, service, release, state}),
  )
  const seen = new Map<string, SeenInstance>()
  const statuses = await catalog.statuses.listAs(keys.statuses(environment), ({record}) => {
    seen.set(record.id, {running: record.running, healthy: record.healthy})
  })
  reportBad(report, [...services.bad, ...routed.bad, ...statuses.bad])

  const bindings = new Map(routed.bindings.map(({record}) => [record.service, record]))
  const instances = byService(routed.instances)
  return {
    environment,
    services: services.records.map(({name, owner, description}): ListedService => {
      const binding = bindings.get(name)
      return {
        name,
        owner,
        description,
        state: serviceState(binding, instances.get(name) ?? [], seen),
        ...(binding && {release: binding.active, since: binding.movedAt}),
      }
    }),
  }
}

function byService(instances: readonly WantedInstance[]): Map<string, WantedInstance[]> {
  const groups = new Map<string, WantedInstance[]>()
  for (const instance of instances) {
    const group = groups.get(instance.service)
    if (group === undefined) groups.set(instance.service, [instance])
    else group.push(instance)
  }
  return groups
}
