import {findEnvironment, findService} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type DocumentParser} from '../../contracts/documents.js'
import {type Files} from '../../contracts/files.js'
import {shortCommit} from '../../domain/build-id.js'
import {procfileName} from '../../domain/procfile.js'
import {type Release, releaseId} from '../../domain/release.js'
import {serviceFileName} from '../../domain/service-file.js'
import {YardError} from '../../errors.js'
import {type Built} from '../deploy/steps/build.js'
import {livingHolder} from '../deploy/journal/known-deploy.js'
import {makeRelease} from '../deploy/steps/make-release.js'
import {openReleaseSource} from '../deploy/steps/open-release-source.js'
import {type RolloutNeeds} from '../deploy/needs.js'
import {activeRelease, commandsOn, type DeployPlan, type Source, stepNames} from '../deploy/plan.js'
import {rolloutPlan, type RolloutWishes} from '../deploy/rollout-plan.js'
import {type DeployReport, rollOut} from '../deploy/rollout.js'
import {type DeployRun, type Target} from '../deploy/run.js'
import {findTarget} from '../deploy/target.js'
import {liveRelease} from '../live-release.js'
import {readServiceFiles} from '../service-file.js'

export interface PromoteNeeds extends RolloutNeeds {
  files: Files
  documents: DocumentParser
}

export interface PromoteRequest extends RolloutWishes {
  service: string
  from: string
  to: string
}

/**
 * Puts the build that is live in one environment into another one, with the other one's own config: nothing is built, so
 * what was tried is what is run.
 * @throws YardError E_RELEASE_UNKNOWN when nothing is live there, E_CONFLICT while a deploy there isn't over, E_ARTIFACT,
 * E_NOT_CONFIRMED, E_DEPLOY_FAILED, E_LOCKED, E_INTERRUPTED
 */
export async function promote(needs: PromoteNeeds, request: PromoteRequest): Promise<DeployReport> {
  const {built, from, plan, target} = await planPromotion(needs, request)
  const environment = target.environment.name
  const purpose = `promote ${releaseId(from.service, from.number)} to ${environment}`
  await needs.confirmProtected({environment, purpose})
  return rollOut(needs, target, plan, (run) => promoteSteps(run, from, built))
}

/** What `promote` would do. Writes nothing. */
export async function promotePlan(needs: PromoteNeeds, request: PromoteRequest): Promise<DeployPlan> {
  return (await planPromotion(needs, request)).plan
}

/** The steps that come before the hosts are touched. */
export async function promoteSteps(run: DeployRun, from: Release, built: Built): Promise<void> {
  const id = releaseId(from.service, from.number)
  await run.step('build', 'Build', async () => {
    await run.update({build: from.build})
    const detail = `${shortCommit(from.commit, from.dirty)} is what ${id} in ${from.environment} is made of`
    return {skipped: true, detail}
  })
  await run.step('release', 'Make a release', () =>
    makeRelease(run, built, sourceOf(from), {promotedFrom: from.number}),
  )
}

/**
 * What a release was made of, from its build or from a host that has it.
 * @throws YardError E_ARTIFACT when neither this machine nor a host has it any more
 */
export async function builtOf(needs: BuiltNeeds, release: Release): Promise<Built> {
  const {artifact, build, commit, dirty, filesDigest, service} = release
  const source = await openReleaseSource(needs, release)
  try {
    const read = source.files.filter(({path}) => path === serviceFileName || path === procfileName)
    const directory = await source.directoryWith(read)
    const where = `at ${shortCommit(commit, dirty)}`
    const files = await readServiceFiles(needs, {directory, purpose: `promote ${service}`, where})
    return {...files, id: build, artifact, ...(filesDigest !== undefined && {filesDigest})}
  } finally {
    await source.close()
  }
}

type BuiltNeeds = Pick<
  PromoteNeeds,
  'artifacts' | 'catalog' | 'documents' | 'files' | 'openInstanceHost' | 'report'
>

interface PlannedPromotion {
  plan: DeployPlan
  target: Target
  from: Release
  built: Built
}

async function planPromotion(needs: PromoteNeeds, request: PromoteRequest): Promise<PlannedPromotion> {
  const from = await promotable(needs, request)
  const target = await findTarget(needs, from.service, request.to)
  const active = await activeRelease(needs, target)
  const built = await builtOf(needs, from)
  const rollout = rolloutPlan(target, request, built.service.deploy)
  const {commit, dirty, ref} = from
  return {
    from,
    built,
    target,
    plan: {
      service: target.service,
      environment: target.environment.name,
      kind: 'promote',
      ref,
      commit,
      dirty,
      ...(active !== undefined && {active}),
      promotedFrom: from.number,
      ...rollout,
      steps: stepNames(target, rollout),
      ...commandsOn(target),
    },
  }
}

/** The release that is live there, unless something is under way that may change it. */
async function promotable(needs: PromoteNeeds, request: PromoteRequest): Promise<Release> {
  const {catalog} = needs
  const service = (await findService(catalog, request.service)).record.name
  const from = (await findEnvironment(catalog, request.from)).name
  const to = (await findEnvironment(catalog, request.to)).name
  if (from === to) throw same(service, from)
  const release = await liveRelease(catalog, {service, environment: from}, `promote ${service} from ${from}`)
  const why = await unsettled(needs, service, from)
  if (why !== undefined) throw underWay(service, from, why)
  return release
}

/** Why what is live there may not stay so; undefined when it is settled. */
async function unsettled(
  needs: PromoteNeeds,
  service: string,
  environment: string,
): Promise<string | undefined> {
  const {catalog} = needs
  const holder = await livingHolder(needs, environment, service)
  if (holder !== undefined) return `${holder.holder} is at work on it there, to ${holder.purpose}`
  const {records} = await catalog.deploys.list(keys.deploys(environment, service))
  const last = records.at(-1)?.record
  if (last?.outcome === 'running') return `deploy ${last.number} of it there was killed, and isn't mended yet`
  if (last?.outcome === 'paused') return `deploy ${last.number} of it there is paused`
  const binding = await catalog.bindings.get(keys.binding(environment, service))
  return binding?.record.joining === undefined ? undefined : 'two releases of it have the traffic there'
}

function sourceOf({commit, dirty, ref}: Release): Source {
  return {root: '', below: '', ref, commit, dirty}
}

function same(service: string, environment: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't promote ${service} from ${environment} to ${environment}`,
    why: 'it is the same environment',
    next: [
      `yard promote ${service} --from ${environment} --to OTHER`,
      `yard restart ${service} --env ${environment}   # starts it anew`,
    ],
  })
}

function underWay(service: string, environment: string, why: string): YardError {
  return new YardError('E_CONFLICT', {
    what: `Can't promote ${service} from ${environment}`,
    why,
    next: [`yard deploy list ${service} --env ${environment}`, `yard status ${service} --env ${environment}`],
  })
}
