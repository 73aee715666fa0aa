import {build, type Built} from './deploy/steps/build.js'
import {makeRelease} from './deploy/steps/make-release.js'
import {type DeployNeeds} from './deploy/needs.js'
import {type DeployPlan, type DeployRequest, planDeploy, type Source} from './deploy/plan.js'
import {type DeployReport, rollOut} from './deploy/rollout.js'
import {type DeployRun} from './deploy/run.js'

export {type DeployNeeds, type RolloutNeeds} from './deploy/needs.js'
export {type DeployPlan, type DeployRequest} from './deploy/plan.js'
export {type DeployReport} from './deploy/rollout.js'

/**
 * Puts a commit into an environment: builds it once, releases it, starts it beside the old release, moves the
 * traffic when it is ready, and puts things back when anything fails.
 * @throws YardError E_NOT_CONFIRMED, E_DEPLOY_FAILED, E_LOCKED, E_INTERRUPTED, and what `planDeploy` refuses
 */
export async function deploy(needs: DeployNeeds, request: DeployRequest): Promise<DeployReport> {
  const {plan, source, target} = await planDeploy(needs, request)
  const environment = target.environment.name
  await needs.confirmProtected({environment, purpose: `deploy ${target.service} to ${environment}`})
  return rollOut(needs, target, plan, (run) => releaseFrom(needs, run, source))
}

/** Makes a release of what is in a repository; leaves it in `run.release`. */
export async function releaseFrom(needs: DeployNeeds, run: DeployRun, source: Source): Promise<void> {
  const kept: {built?: Built} = {}
  await run.step('build', 'Build', () => build(run, needs, source, (built) => (kept.built = built)))
  await run.step('release', 'Make a release', () => {
    if (kept.built === undefined) throw new Error('a deploy went on without a build')
    return makeRelease(run, kept.built, source)
  })
}

/** What `deploy` would do. Writes nothing. */
export async function deployPlan(needs: DeployNeeds, request: DeployRequest): Promise<DeployPlan> {
  return (await planDeploy(needs, request)).plan
}
