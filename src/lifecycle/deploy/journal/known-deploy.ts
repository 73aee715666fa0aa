import {type Catalog} from '../../../catalog/catalog.js'
import {type BadRecord} from '../../../catalog/collection.js'
import {findEnvironment, findService, refuse} from '../../../catalog/find.js'
import {keys} from '../../../catalog/keys.js'
import {type LockIdentity} from '../../../catalog/locks.js'
import {reportBad} from '../../../catalog/report-bad.js'
import {type Report} from '../../../contracts/report.js'
import {type Deploy, type DeployStep} from '../../../domain/deploy.js'
import {deployState, type DeployState, type DeploySurroundings} from '../../../domain/deploy-state.js'
import {type Lock} from '../../../domain/lock.js'
import {YardError} from '../../../errors.js'

export interface KnownDeployNeeds {
  catalog: Catalog
  report: Report
  identity: Pick<LockIdentity, 'host' | 'isAlive'>
}

/** Deploys are numbered for each service and environment. */
export interface DeployReference {
  service: string
  environment: string
  number: number
}

/** What the catalog keeps of one deploy. */
export interface KnownDeploy extends DeploySurroundings {
  deploy: Deploy
  state: DeployState
  /** Every attempt at every step, in the order in which they were begun. */
  steps: DeployStep[]
  /** Who holds the lock of the service in the environment, if somebody who may be alive does. */
  holder?: Lock
}

/**
 * Reads what is known of one deploy. Steps that can't be trusted are reported and left out.
 * @throws YardError E_NAME_INVALID, E_SERVICE_UNKNOWN, E_ENVIRONMENT_UNKNOWN, E_DEPLOY_UNKNOWN, E_CATALOG_CORRUPT
 */
export async function readDeploy(needs: KnownDeployNeeds, wanted: DeployReference): Promise<KnownDeploy> {
  const {catalog, report} = needs
  const service = (await findService(catalog, wanted.service)).record.name
  const environment = (await findEnvironment(catalog, wanted.environment)).name
  const newest = await newestDeploy(catalog, environment, service)
  const stored = await catalog.deploys.get(keys.deploy(environment, service, wanted.number), refuse)
  if (stored === undefined) throw unknown({service, environment, number: wanted.number}, newest)
  const deploy = stored.record
  const rows = await catalog.deploySteps.list(keys.deploySteps(environment, service, deploy.number))
  reportBad(report, rows.bad)
  const holder = await livingHolder(needs, environment, service)
  const around = {isLocked: holder !== undefined, isNewest: deploy.number === newest}
  return {
    deploy,
    state: deployState(deploy, around),
    ...around,
    steps: rows.records.map(({record}) => record).sort(byBeginning),
    ...(holder !== undefined && {holder}),
  }
}

/** Who holds the lock under which the service is deployed; one whose process is gone holds nothing. */
export async function livingHolder(
  {catalog, identity}: Pick<KnownDeployNeeds, 'catalog' | 'identity'>,
  environment: string,
  service: string,
  onBad?: (bad: BadRecord) => void,
): Promise<Lock | undefined> {
  const lock = (await catalog.locks.get(keys.lock(`deploy/${environment}/${service}`), onBad))?.record
  if (lock === undefined || lock.host !== identity.host) return lock
  return (await identity.isAlive(lock)) ? lock : undefined
}

/** By its key, so that a record that can't be trusted counts, too; undefined when there is none. */
async function newestDeploy(
  catalog: Catalog,
  environment: string,
  service: string,
): Promise<number | undefined> {
  const {entries} = await catalog.store.range(keys.deploys(environment, service))
  const numbers = entries.map(({key}) => Number(key.slice(-9))).filter(Number.isInteger)
  return numbers.length === 0 ? undefined : Math.max(...numbers)
}

/** Steps that began at the same moment keep the order of their places. */
function byBeginning(one: DeployStep, other: DeployStep): number {
  return Date.parse(one.startedAt) - Date.parse(other.startedAt)
}

function unknown({environment, number, service}: DeployReference, newest: number | undefined): YardError {
  return new YardError('E_DEPLOY_UNKNOWN', {
    what: `There's no deploy ${number} of ${service} to ${environment}`,
    why: newest === undefined ? 'it was never deployed there' : `the newest one is ${newest}`,
    next: [`yard deploy list ${service} --env ${environment}`],
  })
}
