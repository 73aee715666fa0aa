import {type Release} from '../../domain/release.js'
import {type RolloutNeeds} from '../deploy/needs.js'
import {commandsOn, type DeployPlan, stepNames} from '../deploy/plan.js'
import {rolloutPlan, type RolloutWishes} from '../deploy/rollout-plan.js'
import {type DeployReport, rollOut} from '../deploy/rollout.js'
import {type Target} from '../deploy/run.js'
import {findTarget} from '../deploy/target.js'
import {refuseThirdRelease} from '../deploy/third-release.js'
import {liveRelease} from '../live-release.js'

export interface RestartRequest extends RolloutWishes {
  service: string
  environment: string
  /** Names of the hosts on which it is restarted; all unless given. */
  hosts?: readonly string[]
}

/**
 * Starts the live release anew: new instances beside the old ones, batch by batch, which get the traffic once they are
 * ready; the old ones end when they have finished what they had.
 * @throws YardError E_RELEASE_UNKNOWN when nothing is live, E_DEPLOY_FAILED, E_LOCKED, E_INTERRUPTED, E_NOT_CONFIRMED
 */
export async function restart(needs: RolloutNeeds, request: RestartRequest): Promise<DeployReport> {
  const {plan, purpose, release, target} = await planRestart(needs, request)
  await needs.confirmProtected({environment: target.environment.name, purpose})
  return rollOut(needs, target, plan, async (run) => {
    run.release = release
  })
}

/** What `restart` would do. Writes nothing. */
export async function restartPlan(needs: RolloutNeeds, request: RestartRequest): Promise<DeployPlan> {
  return (await planRestart(needs, request)).plan
}

interface PlannedRestart {
  plan: DeployPlan
  release: Release
  target: Target
  /** Follows "Can't". */
  purpose: string
}

async function planRestart(needs: RolloutNeeds, request: RestartRequest): Promise<PlannedRestart> {
  const target = await findTarget(needs, request.service, request.environment, request.hosts)
  const where = {environment: target.environment.name, service: target.service}
  const purpose = `restart ${where.service} in ${where.environment}`
  const release = await liveRelease(needs.catalog, where, purpose)
  const {commit, dirty, number, ref} = release
  await refuseThirdRelease(needs, target, number)
  const rollout = rolloutPlan(target, request)
  return {
    target,
    release,
    purpose,
    plan: {
      ...where,
      kind: 'restart',
      ref,
      commit,
      dirty,
      release: number,
      active: number,
      ...rollout,
      steps: stepNames(target, rollout).filter((step) => !['build', 'release', 'prepare'].includes(step)),
      ...commandsOn(target),
    },
  }
}
