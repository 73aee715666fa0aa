import {type Catalog} from '../catalog/catalog.js'
import {type BadRecord} from '../catalog/collection.js'
import {findEnvironment, findService} from '../catalog/find.js'
import {keys} from '../catalog/keys.js'
import {reportBad} from '../catalog/report-bad.js'
import {type Report} from '../contracts/report.js'
import {type Deploy} from '../domain/deploy.js'
import {type Environment} from '../domain/environment.js'
import {type Instance, type InstanceStatus} from '../domain/instance.js'
import {type Binding} from '../domain/release.js'
import {type Service} from '../domain/service.js'
import {serviceState, type ServiceState} from '../domain/service-state.js'

export interface ServiceShowNeeds {
  catalog: Catalog
  report: Report
}

export interface ServiceShowRequest {
  environment: string
  service: string
}

export interface ServiceShowReport {
  environment: string
  service: Service
  state: ServiceState
  /** Where callers of this environment reach it. */
  urls: string[]
  header: string
  binding?: Binding
  instances: ShownInstance[]
  /** Newest first. */
  deploys: Deploy[]
}

export interface ShownInstance extends Instance {
  /** Absent while nothing looks after its host. */
  status?: InstanceStatus
}

const shownDeploys = 5

/**
 * Everything the catalog knows of one service in one environment.
 * @throws YardError E_NAME_INVALID, E_SERVICE_UNKNOWN or E_ENVIRONMENT_UNKNOWN
 */
export async function showService(
  {catalog, report}: ServiceShowNeeds,
  request: ServiceShowRequest,
): Promise<ServiceShowReport> {
  const environment = await findEnvironment(catalog, request.environment)
  const {record: service} = await findService(catalog, request.service)
  const {binding, instances, bad} = await readService(catalog, environment.name, service.name)
  const statuses = await catalog.statuses.list(keys.statusesNear(environment.name, service.name))
  const deploys = await catalog.deploys.list(keys.deploys(environment.name, service.name))
  reportBad(report, [...bad, ...statuses.bad, ...deploys.bad])

  const seen = new Map(statuses.records.map(({record}) => [record.id, record]))
  return {
    environment: environment.name,
    service,
    state: serviceState(binding, instances, seen),
    urls: urlsOf(service.name, environment),
    header: environment.router.header,
    ...(binding && {binding}),
    instances: instances.map((instance) => withStatus(instance, seen.get(instance.id))),
    deploys: deploys.records
      .map(({record}) => record)
      .reverse()
      .slice(0, shownDeploys),
  }
}

interface RoutedService {
  binding: Binding | undefined
  instances: Instance[]
  bad: BadRecord[]
}

/** Reads only what is one service's; again when its traffic moved meanwhile, because the two belong together. */
async function readService(catalog: Catalog, environment: string, service: string): Promise<RoutedService> {
  for (;;) {
    const bad: BadRecord[] = []
    const key = keys.binding(environment, service)
    const before = await catalog.bindings.get(key, (found) => bad.push(found))
    const instances = await catalog.instances.list(keys.instances(environment, service))
    const after = await catalog.bindings.get(key)
    if (before?.modRevision !== after?.modRevision) continue
    return {
      binding: after?.record,
      instances: instances.records.map(({record}) => record),
      bad: [...bad, ...instances.bad],
    }
  }
}

function urlsOf(service: string, {router}: Environment): string[] {
  return [`http://${service}.localhost:${router.port}/`, `http://${router.address}:${router.port}/`]
}

function withStatus(instance: Instance, status: InstanceStatus | undefined): ShownInstance {
  return status === undefined ? instance : {...instance, status}
}
