import {type Catalog} from '../../catalog/catalog.js'
import {findEnvironment} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {reportBad} from '../../catalog/report-bad.js'
import {type Report} from '../../contracts/report.js'
import {type Environment, localEnvironment, localEnvironmentName} from '../../domain/environment.js'
import {occupantsOf} from '../platform/occupants.js'

export interface EnvironmentsNeeds {
  catalog: Catalog
  report: Report
}

export interface ListedEnvironment {
  name: string
  kind: Environment['kind']
  order?: number
  protected: boolean
  personal: boolean
  /** Stands in the platform file. */
  declared: boolean
  router: Environment['router']
  /** How its hosts that face the outside do it. */
  edge?: Environment['edge']
  hosts: number
}

export interface EnvironmentReport extends Omit<ListedEnvironment, 'hosts'> {
  hosts: string[]
  instances: number
  /** How many variables are set for it. */
  variables: number
}

/** All environments in the order of deploys; `local` is always the first. */
export async function listEnvironments({catalog, report}: EnvironmentsNeeds): Promise<ListedEnvironment[]> {
  const {bad, records} = await catalog.environments.list(keys.environments)
  reportBad(report, bad)
  const known = records.map(({record}) => record)
  const local = known.some(({name}) => name === localEnvironmentName) ? [] : [localEnvironment()]
  const listed: ListedEnvironment[] = []
  for (const environment of [...local, ...known].sort(byOrder)) {
    const hosts = await catalog.hosts.list(keys.hosts(environment.name))
    reportBad(report, hosts.bad)
    listed.push({...describe(environment), hosts: hosts.records.length})
  }
  return listed
}

/**
 * One environment and what is in it.
 * @throws YardError E_NAME_INVALID, E_ENVIRONMENT_UNKNOWN
 */
export async function showEnvironment(
  {catalog}: EnvironmentsNeeds,
  request: {environment: string; declaredEnvironments: readonly string[]},
): Promise<EnvironmentReport> {
  const environment = await findEnvironment(catalog, request.environment, request.declaredEnvironments)
  const {config, hosts, instances} = await occupantsOf(catalog, environment.name)
  return {...describe(environment), hosts, instances: instances.length, variables: config}
}

function describe(environment: Environment): Omit<ListedEnvironment, 'hosts'> {
  const {declared, edge, kind, name, order, personal, protected: isProtected, router} = environment
  return {
    name,
    kind,
    ...(order !== undefined && {order}),
    protected: isProtected === true,
    personal: personal === true,
    declared: declared === true,
    router,
    ...(edge !== undefined && {edge}),
  }
}

function byOrder(left: Environment, right: Environment): number {
  const difference = rank(left) - rank(right)
  return difference === 0 ? (left.name < right.name ? -1 : 1) : difference
}

/** What has no order comes after what has one. */
function rank({name, order}: Environment): number {
  return name === localEnvironmentName ? -1 : (order ?? Number.MAX_SAFE_INTEGER)
}
