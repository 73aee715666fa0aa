import {keys} from '../../catalog/keys.js'
import {refuse} from '../../catalog/find.js'
import {type HeldLock} from '../../catalog/locks.js'
import {type Release, releaseId} from '../../domain/release.js'
import {YardError} from '../../errors.js'
import {type DeployNeeds, releaseFrom} from '../deploy.js'
import {builtOf, promoteSteps} from '../promote/promote.js'
import {writeScale} from '../scale/record.js'
import {recordAbandoned} from './journal/abandoned.js'
import {bringUp} from './bring-up.js'
import {deployEnded, ended, isOldWhole, targetOf, underOwnLock} from './going-on.js'
import {instancesOf} from './instances.js'
import {type DeployReference, type KnownDeploy, readDeploy} from './journal/known-deploy.js'
import {lostInstances} from './undo/lost-instances.js'
import {planDeploy, type Source} from './plan.js'
import {recover, removeLostPorts} from './undo/recover.js'
import {reopenRun} from './reopen.js'
import {type DeployReport, endingWell, underLock} from './rollout.js'
import {type DeployRun, type Target} from './run.js'
import {settledRows, withoutLost} from './journal/settled-rows.js'
import {knowSecrets} from './steps/instance-spec.js'
import {takeUp} from './steps/start.js'

export interface ResumeRequest extends DeployReference {
  /** Inside the repository of the service; looked at only when there is no release yet. */
  directory: string
}

/**
 * Goes on with a deploy that was killed, interrupted or paused, or that left out hosts: what its journal calls done is not
 * done again, unless it fell apart since.
 * @throws YardError E_DEPLOY_UNKNOWN, E_DEPLOY_ENDED, E_LOCKED while it is at work, E_NOT_CONFIRMED, E_DEPLOY_FAILED, E_INTERRUPTED,
 * E_ARTIFACT when this machine lacks what is still to be done with
 */
export async function resumeDeploy(needs: DeployNeeds, request: ResumeRequest): Promise<DeployReport> {
  const found = await readDeploy(needs, request)
  const {deploy} = found
  const target = await targetOf(needs, deploy)
  const environment = target.environment.name
  const purpose = `resume deploy ${deploy.number} of ${target.service} to ${environment}`
  if (isResumable(found)) await needs.confirmProtected({environment, purpose})
  return underLock(needs, target, purpose, async (lock, later) => {
    const known = underOwnLock(await readDeploy(needs, request))
    if (!isResumable(known)) throw deployEnded(known, 'resume')
    const makeRelease = await releaseMaker(needs, request, known)
    if (known.state === 'abandoned') await recordAbandoned(needs, known.deploy, known.steps)
    const run = await reopened(needs, target, lock, known)
    return endingWell(run, later, async () => {
      await run.step('recover', 'Mend what an earlier deploy left', () => recover(run))
      if (run.release === undefined) await makeRelease(run)
      await takeUpAll(run, known)
      await bringUp(run)
    })
  })
}

function isResumable({isNewest, state}: KnownDeploy): boolean {
  return isNewest && ['abandoned', 'interrupted', 'partial', 'paused'].includes(state)
}

/** Looks at everything that could keep it from going on before anything is changed. */
async function reopened(
  needs: DeployNeeds,
  target: Target,
  lock: HeldLock,
  {deploy, state, steps}: KnownDeploy,
): Promise<DeployRun> {
  // Hosts that were left out get another try.
  const {failedHosts = [], ...again} = deploy
  const failed = failedHosts.map(({host}) => host)
  const settled = settledRows(steps, state, failed)
  const looking = await reopenRun(needs, target, lock, {deploy: again, rows: settled})
  try {
    const lost = state === 'interrupted' ? [] : await lostInstances(looking)
    const rows = withoutLost(settled, lost)
    await findRelease(needs, looking, rows)
    const run = await reopenRun(needs, target, lock, {deploy: again, rows})
    run.instances = run.instances.filter(({id}) => !lost.some((one) => one.id === id))
    if (run.release !== undefined) await knowSecrets(run.needs, run.release)
    return run
  } catch (error) {
    // It stands where it stood.
    await looking.update(deploy).catch(() => undefined)
    throw error
  } finally {
    await looking.close()
  }
}

/** What is still needed of its files must be there to be had: on this machine, or on a host. */
async function findRelease(
  {artifacts}: DeployNeeds,
  run: DeployRun,
  rows: KnownDeploy['steps'],
): Promise<void> {
  const {release} = run
  if (release === undefined) return
  const isOver = (wanted: string) =>
    rows.some(({outcome, step}) => step === wanted && (outcome === 'done' || outcome === 'skipped'))
  const isNeeded = !isOver('unpack') || (release.smoke.length > 0 && !isOver('smoke'))
  if (!isNeeded) return
  if (run.isFleet) await run.sourceOf(release)
  else await artifacts.unpack(release.artifact, release.service, release.number)
}

/** What an earlier attempt left: its instances, those that stay beside them, and whether there's a way back. */
async function takeUpAll(run: DeployRun, {steps}: KnownDeploy): Promise<void> {
  const {release} = run
  if (release === undefined) return
  const {number, scale} = run.record
  if (scale !== undefined && run.scale?.processes !== scale.wanted) await writeScale(run)
  const left = (await instancesOf(run)).map(({record}) => record)
  run.instances = left.filter(({deploy, state}) => deploy === number && state !== 'down')
  await takeUp(run, release)
  await removeLostPorts(run)
  run.isFinal = steps.some(({step}) => step === 'drain') && !(await isOldWhole(run))
}

/** For a deploy that was stopped before there was a release of it. */
async function releaseMaker(
  needs: DeployNeeds,
  request: ResumeRequest,
  {deploy}: KnownDeploy,
): Promise<(run: DeployRun) => Promise<void>> {
  if (deploy.release !== undefined) return (run) => Promise.reject(lostRelease(run))
  if (deploy.kind === 'promote') {
    const from = await promotedRelease(needs, deploy)
    const built = await builtOf(needs, from)
    return (run) => promoteSteps(run, from, built)
  }
  const source = await sourceOf(needs, request, deploy)
  return (run) => releaseFrom(needs, run, source)
}

async function promotedRelease(
  {catalog}: DeployNeeds,
  {promotedFrom, service}: KnownDeploy['deploy'],
): Promise<Release> {
  const key = keys.release(service, promotedFrom ?? 0)
  const stored = promotedFrom === undefined ? undefined : await catalog.releases.get(key, refuse)
  if (stored !== undefined) return stored.record
  throw new YardError('E_RELEASE_UNKNOWN', {
    what: `Can't go on with the promotion of ${service}`,
    why: 'the catalog does not have the release that was promoted',
    next: [`yard releases list ${service}`],
  })
}

/** The very commit that was to be deployed, whatever the branch is by now. */
async function sourceOf(
  needs: DeployNeeds,
  {directory}: ResumeRequest,
  {commit, dirty, environment, number, ref, service}: KnownDeploy['deploy'],
): Promise<Source> {
  const where = {service, environment, number, verb: 'resume'}
  if (dirty) throw ended({...where, why: 'it was stopped before its uncommitted changes were built'})
  if (commit === undefined) throw ended({...where, why: 'it was stopped before it was known what to build'})
  const {plan, source} = await planDeploy(needs, {environment, directory, ref: commit, allowDirty: false})
  if (plan.service === service) return {...source, ref}
  throw new YardError('E_USAGE', {
    what: `Can't resume deploy ${number} of ${service} here`,
    why: `this is the repository of ${plan.service}, and nothing of ${service} was built yet`,
    next: [`cd into the directory of ${service}`, `yard deploy resume ${number} --env ${environment}`],
  })
}

function lostRelease({record, target}: DeployRun): YardError {
  const id = releaseId(target.service, record.release ?? 0)
  return new YardError('E_RELEASE_UNKNOWN', {
    what: `Can't resume deploy ${record.number} of ${target.service}`,
    why: `the catalog does not have ${id} any more`,
    next: [`yard deploy abort ${record.number} --service ${target.service} --env ${target.environment.name}`],
  })
}
