import {serviceFileName} from '../domain/service-file.js'
import {type Hooks} from '../domain/service.js'
import {build, type Built} from './deploy/steps/build.js'
import {makeRelease} from './deploy/steps/make-release.js'
import {type DeployNeeds} from './deploy/needs.js'
import {type DeployPlan, type DeployRequest, planDeploy, type Source} from './deploy/plan.js'
import {type DeployReport, rollOut} from './deploy/rollout.js'
import {type DeployRun} from './deploy/run.js'
import {hookDirectory} from './hooks/hook-directory.js'

export {type DeployNeeds, type RolloutNeeds} from './deploy/needs.js'
export {type DeployPlan, type DeployRequest} from './deploy/plan.js'
export {type DeployReport} from './deploy/rollout.js'

/**
 * Puts a commit into an environment: builds it once, releases it, starts it beside the old release, moves the
 * traffic when it is ready, and puts things back when anything fails.
 * @throws YardError E_DEPLOY_FAILED, E_LOCKED, E_INTERRUPTED, and what `planDeploy` refuses
 */
export async function deploy(needs: DeployNeeds, request: DeployRequest): Promise<DeployReport> {
  const {plan, source, target} = await planDeploy(needs, request)
  return rollOut(needs, target, plan, (run) => releaseFrom(needs, run, source))
}

/** Makes a release of what is in a repository; leaves it in `run.release`. */
export async function releaseFrom(needs: DeployNeeds, run: DeployRun, source: Source): Promise<void> {
  const kept: {built?: Built} = {}
  await run.step('build', 'Build', () => build(run, needs, source, (built) => (kept.built = built)))
  useHooks(run, needs, source, kept.built?.service.hooks)
  await run.step('release', 'Make a release', () => {
    if (kept.built === undefined) throw new Error('a deploy went on without a build')
    return makeRelease(run, kept.built, source)
  })
}

/** They run in a copy of what is deployed: only here, in its repository, they are the team's own. */
function useHooks(run: DeployRun, needs: DeployNeeds, source: Source, hooks: Hooks | undefined): void {
  if (hooks === undefined) return
  const copy = hookDirectory(needs, {service: run.target.service, ...source})
  run.ownHooks = {from: serviceFileName, hooks, directory: copy.directory}
  run.closers.push(() => copy.close())
}

/** What `deploy` would do. Writes nothing. */
export async function deployPlan(needs: DeployNeeds, request: DeployRequest): Promise<DeployPlan> {
  return (await planDeploy(needs, request)).plan
}
