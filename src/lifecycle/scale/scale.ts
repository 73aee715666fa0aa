import {type Catalog} from '../../catalog/catalog.js'
import {findEnvironment, findService, refuse} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {nearestWord} from '../../domain/nearest.js'
import {instanceProcesses} from '../../domain/procfile.js'
import {type Release} from '../../domain/release.js'
import {mostInstancesOnHost, placements, type Scale} from '../../domain/scale.js'
import {YardError} from '../../errors.js'
import {type RolloutNeeds} from '../deploy/needs.js'
import {type DeployPlan, stepNames} from '../deploy/plan.js'
import {rolloutPlan} from '../deploy/rollout-plan.js'
import {type DeployReport, rollOut} from '../deploy/rollout.js'
import {type Target} from '../deploy/run.js'
import {findTarget} from '../deploy/target.js'
import {liveRelease} from '../live-release.js'
import {writeScale} from './record.js'

export interface ScaleRequest {
  service: string
  environment: string
  /** How many instances of each process there shall be; empty to look at the present ones. */
  processes: Readonly<Record<string, number>>
  dryRun: boolean
}

export interface ScaleReport {
  service: string
  environment: string
  release: number
  processes: ScaledProcess[]
  dryRun: boolean
  /** Whether numbers were asked for, and all of it was so already. */
  isUnchanged: boolean
  /** What made it so; absent when nothing had to be changed. */
  deploy?: DeployReport
}

export interface ScaledProcess {
  process: string
  /** How many there shall be. */
  wanted: number
  /** How many there were when the command began. */
  before: number
  /** Whether an operator decided it; else there's one on every host. */
  isSet: boolean
}

/**
 * Changes how many instances of the live release run in an environment, and makes it so: what is missing is started and
 * gets traffic once it is ready, what is too many finishes what it has and ends. Without processes it only looks.
 * @throws YardError E_USAGE for a process that the release doesn't have, E_RELEASE_UNKNOWN when nothing is live, E_DEPLOY_FAILED,
 * E_LOCKED, E_INTERRUPTED, E_NOT_CONFIRMED
 */
export async function scale(needs: RolloutNeeds, request: ScaleRequest): Promise<ScaleReport> {
  const {dryRun} = request
  const present = await presentScale(needs.catalog, request)
  const {release, report} = present
  refuseUnknown(request, release)
  if (Object.keys(request.processes).length === 0) return {...report, dryRun}
  const target = await findTarget(needs, report.service, report.environment)
  const wanted = {...present.scale?.processes, ...request.processes}
  refuseTooMany(target, release, wanted)
  const changed: ScaleReport = {
    ...report,
    dryRun,
    processes: report.processes.map((one) => {
      const count = request.processes[one.process]
      return count === undefined ? one : {...one, wanted: count, isSet: true}
    }),
  }
  const isDone = changed.processes.every(
    (one, place) => one.wanted === one.before && one.isSet === report.processes[place]?.isSet,
  )
  if (dryRun || isDone) return {...changed, isUnchanged: isDone}
  const purpose = `scale ${report.service} in ${report.environment}`
  await needs.confirmProtected({environment: report.environment, purpose})
  const before = present.scale?.processes
  const plan = planOf(target, release, {wanted, ...(before !== undefined && {before})})
  const deploy = await rollOut(needs, target, plan, async (run) => {
    run.release = release
    await writeScale(run)
  })
  return {...changed, deploy}
}

interface PresentScale {
  report: ScaleReport
  release: Release
  scale: Scale | undefined
}

async function presentScale(catalog: Catalog, request: ScaleRequest): Promise<PresentScale> {
  const service = (await findService(catalog, request.service)).record.name
  const environment = (await findEnvironment(catalog, request.environment)).name
  const release = await liveRelease(catalog, {service, environment}, `scale ${service} in ${environment}`)
  const stored = await catalog.scales.get(keys.scale(environment, service), refuse)
  const hosts = await catalog.hosts.list(keys.hosts(environment))
  const instances = await catalog.instances.list(keys.instances(environment, service))
  const names = hosts.records.map(({record}) => record.name)
  const processes = instanceProcesses(release.processes)
  const wanted = placements(names, processes, stored?.record)
  return {
    release,
    scale: stored?.record,
    report: {
      service,
      environment,
      release: release.number,
      dryRun: true,
      isUnchanged: false,
      processes: processes.map((process) => ({
        process,
        wanted: wanted.filter((one) => one.process === process).length,
        before: instances.records.filter(({record}) => isRunning(record, release, process)).length,
        isSet: stored?.record.processes[process] !== undefined,
      })),
    },
  }
}

function isRunning(
  instance: {process: string; release: number; state: string},
  {number}: Release,
  process: string,
): boolean {
  return instance.release === number && instance.process === process && instance.state !== 'down'
}

/** All hosts in one batch: what runs there goes on, so nothing is risked by it. */
function planOf(
  target: Target,
  {commit, dirty, number, ref}: Release,
  scale: NonNullable<DeployPlan['scale']>,
): DeployPlan {
  const rollout = rolloutPlan(target, {strategy: {strategy: 'rolling', batch: '100%'}})
  return {
    service: target.service,
    environment: target.environment.name,
    kind: 'scale',
    ref,
    commit,
    dirty,
    release: number,
    active: number,
    scale,
    ...rollout,
    steps: stepNames(target, rollout).filter((step) => !['build', 'release', 'prepare'].includes(step)),
  }
}

/** @throws YardError E_USAGE */
function refuseTooMany({environment, hosts, service}: Target, release: Release, wanted: Scale['processes']) {
  const names = hosts.map(({name}) => name)
  const all = placements(names, instanceProcesses(release.processes), {processes: wanted})
  const counts = names.map((name) => all.filter(({host}) => host === name).length)
  const most = Math.max(0, ...counts)
  if (most <= mostInstancesOnHost) return
  throw new YardError('E_USAGE', {
    what: `Can't have ${all.length} instances of ${service} in ${environment.name}`,
    why: `a host would have ${most} of them, and takes at most ${mostInstancesOnHost}`,
    next: [`yard scale ${service} --env ${environment.name}`, `yard hosts list --env ${environment.name}`],
  })
}

function refuseUnknown({environment, processes, service}: ScaleRequest, release: Release): void {
  const known = instanceProcesses(release.processes)
  const unknown = Object.keys(processes).find((process) => !known.includes(process))
  if (unknown === undefined) return
  const nearest = nearestWord(unknown, known)
  const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`
  throw new YardError('E_USAGE', {
    what: `Can't scale ${unknown} of ${service}`,
    why: `its Procfile has ${known.join(', ')}${meant}`,
    next: [`yard scale ${service} ${nearest ?? known[0] ?? 'web'}=2 --env ${environment}`],
  })
}
