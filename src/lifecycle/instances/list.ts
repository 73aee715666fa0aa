import {type Catalog} from '../../catalog/catalog.js'
import {findEnvironment, findService} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {reportBad} from '../../catalog/report-bad.js'
import {readRouted} from '../../catalog/snapshot.js'
import {type Report} from '../../contracts/report.js'
import {getsRequests, usualWeight} from '../../domain/instance-change.js'
import {type Instance, type InstanceStatus} from '../../domain/instance.js'

export interface InstancesListNeeds {
  catalog: Catalog
  report: Report
}

export interface ListedInstance extends Instance {
  weight: number
  /** Whether new requests go to it as far as the catalog is concerned. */
  getsRequests: boolean
  /** What its host last saw; absent while nothing looks after its host. */
  seen?: InstanceStatus
}

/**
 * The instances of an environment or of one service in it: what is wanted of each, and what was seen of it.
 * @throws YardError E_NAME_INVALID, E_ENVIRONMENT_UNKNOWN, E_SERVICE_UNKNOWN
 */
export async function listInstances(
  {catalog, report}: InstancesListNeeds,
  request: {environment: string; service: string | undefined},
): Promise<ListedInstance[]> {
  const environment = (await findEnvironment(catalog, request.environment)).name
  const service =
    request.service === undefined ? undefined : (await findService(catalog, request.service)).record.name
  const routed = await readRouted(catalog, environment)
  const statuses = await catalog.statuses.list(keys.statuses(environment))
  reportBad(report, [...routed.bad, ...statuses.bad])

  const active = new Map(routed.bindings.map(({record}) => [record.service, record.active]))
  const drained = new Set(routed.drains.map(({record}) => record.host))
  const seen = new Map(statuses.records.map(({record}) => [record.id, record]))
  return routed.instances
    .map(({record}) => record)
    .filter((instance) => service === undefined || instance.service === service)
    .map((instance) => ({
      ...instance,
      weight: instance.weight ?? usualWeight,
      getsRequests: getsRequests(instance, active.get(instance.service), drained),
      ...seenAs(seen.get(instance.id)),
    }))
}

function seenAs(seen: InstanceStatus | undefined): Pick<ListedInstance, 'seen'> {
  return seen === undefined ? {} : {seen}
}
