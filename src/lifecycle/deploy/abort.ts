import {keys} from '../../catalog/keys.js'
import {type Deploy} from '../../domain/deploy.js'
import {isUnfinished} from '../../domain/deploy-state.js'
import {YardError} from '../../errors.js'
import {rollback} from '../rollback.js'
import {recordAbandoned} from './journal/abandoned.js'
import {deployEnded, ended, isOldWhole, targetOf, underOwnLock} from './going-on.js'
import {instancesOf} from './instances.js'
import {type DeployReference, type KnownDeploy, readDeploy} from './journal/known-deploy.js'
import {type RolloutNeeds} from './needs.js'
import {putBack} from './undo/put-back.js'
import {removeLostPorts} from './undo/recover.js'
import {reopenRun} from './reopen.js'
import {type DeployReport, underLock} from './rollout.js'
import {type DeployRun, type Target} from './run.js'
import {announce} from './telling.js'

export interface AbortReport {
  service: string
  environment: string
  deploy: number
  /** The release that has the traffic now. */
  live?: number
  /** What brought the former release back, where its instances had been ended already. */
  rollback?: DeployReport
}

/**
 * Takes back what a killed or paused deploy did: the former release has all of the traffic again, and what was started
 * ends.
 * @throws YardError E_DEPLOY_UNKNOWN, E_DEPLOY_ENDED, E_LOCKED while it is at work, E_NOT_CONFIRMED, E_STEP_FAILED when
 * something is left of it
 */
export async function abortDeploy(needs: RolloutNeeds, reference: DeployReference): Promise<AbortReport> {
  const found = await readDeploy(needs, reference)
  const {deploy} = found
  const target = await targetOf(needs, deploy)
  const environment = target.environment.name
  const purpose = `abort deploy ${deploy.number} of ${target.service} to ${environment}`
  if (isUnfinished(found.state, found)) await needs.confirmProtected({environment, purpose})
  const before = await underLock(needs, target, purpose, async (lock) => {
    const known = underOwnLock(await readDeploy(needs, reference))
    if (!isUnfinished(known.state, known)) throw deployEnded(known, 'abort')
    if (known.state === 'abandoned') await recordAbandoned(needs, known.deploy, known.steps)
    const run = await reopenRun(needs, target, lock, {deploy: known.deploy, rows: known.steps})
    return takeBack(run, known)
  })
  const report = {service: target.service, environment, deploy: deploy.number}
  if (before !== undefined) {
    const agreed = {...needs, confirmProtected: async () => undefined}
    const brought = await rollback(agreed, {service: target.service, environment, to: before})
    return {...report, live: brought.release, rollback: brought}
  }
  return {...report, ...(await liveNow(needs, target))}
}

/** Returns the release to go back to where its instances aren't there any more. */
async function takeBack(run: DeployRun, {deploy, steps}: KnownDeploy): Promise<number | undefined> {
  try {
    const isGone = steps.some(({step}) => step === 'drain') && !(await isOldWhole(run))
    if (isGone) refuseFinal(deploy)
    else {
      await putBack(run)
      await throwIfLeft(run)
      await removeLostPorts(run)
    }
    await run.update({
      outcome: 'aborted',
      finishedAt: run.needs.clock.now().toISOString(),
      why: `${run.needs.actor} aborted it`,
    })
    if (!isGone) announce(run, 'rolled-back')
    return isGone ? run.before?.active : undefined
  } catch (error) {
    // It stands where it stood, and may be aborted again.
    await run.update(deploy).catch(() => undefined)
    throw error
  } finally {
    await run.close()
  }
}

/** What took the place of the old instances is the same release: there's nothing else to go back to. */
function refuseFinal({environment, kind, number, service}: Deploy): void {
  if (kind !== 'restart' && kind !== 'scale') return
  const why = 'what it replaced is ended already; resume it, which ends the rest'
  throw ended({service, environment, number, verb: 'abort', why})
}

async function throwIfLeft(run: DeployRun): Promise<void> {
  const {environment, service} = run.target
  const {number} = run.record
  const left = (await instancesOf(run)).filter(({record}) => record.deploy === number)
  const binding = await run.needs.catalog.bindings.get(keys.binding(environment.name, service))
  const hasTraffic = binding?.record.deploy === number
  if (left.length === 0 && !hasTraffic) return
  const names = left.map(({record}) => record.id)
  const shown = names.length > 6 ? `${names.length} instances` : names.join(', ')
  throw new YardError('E_STEP_FAILED', {
    what: `Deploy ${number} of ${service} to ${environment.name} isn't taken back yet`,
    why: hasTraffic ? 'it still has the traffic' : `${shown} could not be ended`,
    next: [
      `yard deploy abort ${number} --service ${service} --env ${environment.name}   # once the cause is mended`,
      `yard ps ${service} --env ${environment.name}`,
    ],
    details: {left: names.slice(0, 100)},
  })
}

async function liveNow(
  {catalog}: RolloutNeeds,
  {environment, service}: Target,
): Promise<Pick<AbortReport, 'live'>> {
  const binding = await catalog.bindings.get(keys.binding(environment.name, service))
  return binding === undefined ? {} : {live: binding.record.active}
}
