import {type Catalog} from '../../../catalog/catalog.js'
import {findEnvironment, findService} from '../../../catalog/find.js'
import {keys} from '../../../catalog/keys.js'
import {reportBad} from '../../../catalog/report-bad.js'
import {type Deploy} from '../../../domain/deploy.js'
import {deployState, type DeployState} from '../../../domain/deploy-state.js'
import {type KnownDeployNeeds, livingHolder} from './known-deploy.js'

export interface DeployListRequest {
  environment: string
  /** All services without it. */
  service: string | undefined
  limit: number
}

export interface ListedDeploy {
  number: number
  service: string
  environment: string
  kind: Deploy['kind']
  state: DeployState
  release?: number
  /** The release that had the traffic when it began. */
  before?: number
  ref: string
  commit?: string
  dirty: boolean
  by: string
  startedAt: string
  finishedAt?: string
  failedStep?: string
  why?: string
}

/**
 * The newest deploys to an environment, newest first.
 * @throws YardError E_NAME_INVALID, E_ENVIRONMENT_UNKNOWN, E_SERVICE_UNKNOWN
 */
export async function listDeploys(
  needs: KnownDeployNeeds,
  request: DeployListRequest,
): Promise<ListedDeploy[]> {
  const {catalog, report} = needs
  const environment = (await findEnvironment(catalog, request.environment)).name
  const service = request.service && (await findService(catalog, request.service)).record.name
  const {records, bad} = await catalog.deploys.list(keys.deploys(environment, service))
  reportBad(report, bad)
  const deploys = records.map(({record}) => record)
  const newest = newestNumbers(deploys)
  const locked = await lockedServices(needs, environment, deploys)
  return deploys
    .sort(
      (one, other) => Date.parse(other.startedAt) - Date.parse(one.startedAt) || other.number - one.number,
    )
    .slice(0, request.limit)
    .map((deploy) =>
      listed(deploy, {
        isLocked: locked.has(deploy.service),
        isNewest: newest.get(deploy.service) === deploy.number,
      }),
    )
}

function newestNumbers(deploys: readonly Deploy[]): Map<string, number> {
  const newest = new Map<string, number>()
  for (const {number, service} of deploys) newest.set(service, Math.max(number, newest.get(service) ?? 0))
  return newest
}

/** Asked only about services of which a deploy says that it runs. */
async function lockedServices(
  needs: {catalog: Catalog} & Pick<KnownDeployNeeds, 'identity'>,
  environment: string,
  deploys: readonly Deploy[],
): Promise<Set<string>> {
  const services = new Set(deploys.filter(({outcome}) => outcome === 'running').map(({service}) => service))
  const locked = new Set<string>()
  for (const service of services) {
    if ((await livingHolder(needs, environment, service)) !== undefined) locked.add(service)
  }
  return locked
}

function listed(deploy: Deploy, around: {isLocked: boolean; isNewest: boolean}): ListedDeploy {
  const {before, commit, dirty, environment, failedStep, finishedAt, kind, number, release, why} = deploy
  const {by, ref, service, startedAt} = deploy
  return {
    number,
    service,
    environment,
    kind,
    state: deployState(deploy, around),
    ...(release !== undefined && {release}),
    ...(before !== undefined && {before}),
    ref,
    ...(commit !== undefined && {commit}),
    dirty,
    by,
    startedAt,
    ...(finishedAt !== undefined && {finishedAt}),
    ...(failedStep !== undefined && {failedStep}),
    ...(why !== undefined && {why}),
  }
}
