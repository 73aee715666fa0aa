import {refuse} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type HeldLock} from '../../catalog/locks.js'
import {type Deploy, type DeployStep} from '../../domain/deploy.js'
import {instancesOf} from './instances.js'
import {type RolloutNeeds} from './needs.js'
import {DeployRun, type Target} from './run.js'

/**
 * A deploy that was killed, interrupted or paused, as far as it came: steps that its rows call done are not done again. To
 * go on, call `endingWell(run, () => bringUp(run))`; to take it back, `putBack(run)`.
 * @param target with the hosts of the deploy's batches
 * @param rows every attempt at every step of it
 * @returns a run whose `release` is undefined when none was made yet
 */
export async function reopenRun(
  needs: RolloutNeeds,
  target: Target,
  lock: HeldLock,
  {deploy, rows}: {deploy: Deploy; rows: readonly DeployStep[]},
): Promise<DeployRun> {
  const {catalog} = needs
  const {environment, service} = target
  const begun: Deploy = {...deploy, failedStep: undefined, finishedAt: undefined, why: undefined}
  const run = new DeployRun(needs, target, lock, {...begun, outcome: 'running'}, rows)
  await run.update({})
  const binding = await catalog.bindings.get(keys.binding(environment.name, service), refuse)
  run.before = deploy.beforeBinding
  run.live = binding?.record.active
  run.scale = (await catalog.scales.get(keys.scale(environment.name, service), refuse))?.record
  if (deploy.release !== undefined) {
    run.release = (await catalog.releases.get(keys.release(service, deploy.release), refuse))?.record
  }
  for (const {host, why} of deploy.failedHosts ?? []) run.failedHosts.set(host, why)
  for (const {record} of await instancesOf(run)) {
    if (record.deploy === deploy.number) run.instances.push(record)
  }
  return run
}
