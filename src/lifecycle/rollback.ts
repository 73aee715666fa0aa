import {keys} from '../catalog/keys.js'
import {type Release, releaseId} from '../domain/release.js'
import {rollbackTarget} from '../domain/rollback-target.js'
import {YardError} from '../errors.js'
import {type RolloutNeeds} from './deploy/needs.js'
import {activeRelease, commandsOn, type DeployPlan, stepNames} from './deploy/plan.js'
import {rolloutPlan, type RolloutWishes} from './deploy/rollout-plan.js'
import {type DeployReport, rollOut} from './deploy/rollout.js'
import {type Target} from './deploy/run.js'
import {findTarget} from './deploy/target.js'

export interface RollbackRequest extends RolloutWishes {
  service: string
  environment: string
  /** Number of the release; without it the last one that was fully live before the active one. */
  to?: number
}

/**
 * Gives the traffic back to an older release, by the same steps as a deploy.
 * @throws YardError E_RELEASE_UNKNOWN when there is none to go back to, E_NOT_CONFIRMED, E_DEPLOY_FAILED, E_LOCKED,
 * E_INTERRUPTED
 */
export async function rollback(needs: RolloutNeeds, request: RollbackRequest): Promise<DeployReport> {
  const {plan, release, target} = await planRollback(needs, request)
  const environment = target.environment.name
  await needs.confirmProtected({environment, purpose: `roll back ${target.service} in ${environment}`})
  return rollOut(needs, target, plan, async (run) => {
    run.release = release
  })
}

/** What `rollback` would do. Writes nothing. */
export async function rollbackPlan(needs: RolloutNeeds, request: RollbackRequest): Promise<DeployPlan> {
  return (await planRollback(needs, request)).plan
}

async function planRollback(
  needs: RolloutNeeds,
  request: RollbackRequest,
): Promise<{plan: DeployPlan; release: Release; target: Target}> {
  const target = await findTarget(needs, request.service, request.environment)
  const active = await activeRelease(needs, target)
  const {catalog} = needs
  const {records} = await catalog.deploys.list(keys.deploys(target.environment.name, target.service))
  const number =
    request.to ??
    rollbackTarget(
      records.map(({record}) => record),
      active,
    )
  if (number === undefined) throw nothingBefore(target)
  if (number === active) throw isActive(target, number)
  const stored = await catalog.releases.get(keys.release(target.service, number))
  if (stored === undefined || stored.record.environment !== target.environment.name)
    throw unknown(target, number)
  const release = stored.record
  const rollout = rolloutPlan(target, request)
  return {
    target,
    release,
    plan: {
      service: target.service,
      environment: target.environment.name,
      kind: 'rollback',
      ref: release.ref,
      commit: release.commit,
      dirty: release.dirty,
      release: number,
      ...(active !== undefined && {active}),
      ...rollout,
      steps: stepNames(target, rollout).filter((step) => !['build', 'release', 'prepare'].includes(step)),
      ...commandsOn(target),
    },
  }
}

function nothingBefore({environment, service}: Target): YardError {
  return new YardError('E_RELEASE_UNKNOWN', {
    what: `Can't roll back ${service} in ${environment.name}`,
    why: 'no release was fully live before the present one',
    next: [
      `yard deploy list ${service} --env ${environment.name}`,
      `yard rollback ${service} --env ${environment.name} --to NUMBER`,
    ],
  })
}

function isActive({environment, service}: Target, release: number): YardError {
  return new YardError('E_RELEASE_UNKNOWN', {
    what: `Can't roll back ${service} in ${environment.name} to ${releaseId(service, release)}`,
    why: 'it has the traffic already',
    next: [`yard releases list ${service}`, `yard ps ${service} --env ${environment.name}`],
  })
}

function unknown({environment, service}: Target, release: number): YardError {
  return new YardError('E_RELEASE_UNKNOWN', {
    what: `Can't roll back ${service} to release ${release}`,
    why: `there is no such release of it in ${environment.name}`,
    next: [`yard releases list ${service}`],
  })
}
