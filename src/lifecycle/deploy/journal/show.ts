import {keys} from '../../../catalog/keys.js'
import {type Deploy, type DeployStep} from '../../../domain/deploy.js'
import {type DeployState} from '../../../domain/deploy-state.js'
import {type Instance} from '../../../domain/instance.js'
import {type DeployReference, type KnownDeploy, type KnownDeployNeeds, readDeploy} from './known-deploy.js'

export interface DeployShowReport extends Deploy {
  /** As its record says, unless nobody is at work on it. */
  state: DeployState
  /** Who is at work on it now. */
  holder?: {holder: string; host: string; pid: number; since: string}
  steps: ShownStep[]
  /** Each host of the batches, and how far it got. */
  hosts: ShownHost[]
  /** Lines to paste. */
  next: string[]
}

export type ShownStep = Omit<DeployStep, 'outcome'> & {
  /** `cut`: it was under way when the deploy was killed. */
  outcome: DeployStep['outcome'] | 'cut'
}

export interface ShownHost {
  host: string
  /** From 1. */
  batch: number
  /** The last step that is told of it. */
  step?: string
  outcome: 'waiting' | 'running' | 'done' | 'failed' | 'cut'
  detail?: string
  /** An instance that this deploy started gets requests there, whatever its rows say; told while it isn't over. */
  hasTraffic?: true
  /** Instances that are to end there and may still run: the host could not be reached. The next deploy ends them. */
  left?: readonly string[]
}

/**
 * What one deploy did so far, host by host, and where it stands. Reads only.
 * @throws YardError E_NAME_INVALID, E_SERVICE_UNKNOWN, E_ENVIRONMENT_UNKNOWN, E_DEPLOY_UNKNOWN, E_CATALOG_CORRUPT
 */
export async function showDeploy(
  needs: KnownDeployNeeds,
  wanted: DeployReference,
): Promise<DeployShowReport> {
  const known = await readDeploy(needs, wanted)
  const {deploy, holder, state} = known
  const left = await leftInstances(needs, known)
  const moved = isOver.has(state) ? new Set<string>() : await hostsWithTraffic(needs, deploy)
  return {
    ...deploy,
    state,
    ...(state === 'running' && holder !== undefined && {holder: partsOf(holder)}),
    steps: known.steps.map((step) => shownStep(step, state)),
    hosts: hostsOf(known).map((each) => {
      const here = left.filter(({host}) => host === each.host).map(({id}) => id)
      return {
        ...each,
        ...(moved.has(each.host) && {hasTraffic: true}),
        ...(here.length > 0 && {left: here}),
      }
    }),
    next: nextLines(known),
  }
}

function partsOf({holder, host, pid, since}: NonNullable<KnownDeploy['holder']>) {
  return {holder, host, pid, since}
}

function shownStep({outcome, ...step}: DeployStep, state: DeployState): ShownStep {
  return {...step, outcome: outcome === 'running' && state !== 'running' ? 'cut' : outcome}
}

const isOver: ReadonlySet<DeployState> = new Set(['live', 'partial', 'failed', 'interrupted', 'aborted'])
const isPutBack: ReadonlySet<DeployState> = new Set(['failed', 'interrupted', 'aborted'])

/** What should have ended with this deploy. Of an older one, a later deploy may be at work on it. */
async function leftInstances(
  {catalog}: KnownDeployNeeds,
  {deploy, isLocked, isNewest, state}: KnownDeploy,
): Promise<Instance[]> {
  if (!isNewest || isLocked || !isOver.has(state)) return []
  const {records} = await catalog.instances.list(keys.instances(deploy.environment, deploy.service))
  return records
    .map(({record}) => record)
    .filter((one) => one.state === 'down' || (isPutBack.has(state) && one.deploy === deploy.number))
}

/** Where it was cut between moving the traffic and saying so, only the instances tell. */
async function hostsWithTraffic(
  {catalog}: KnownDeployNeeds,
  {environment, number, service}: Deploy,
): Promise<ReadonlySet<string>> {
  const binding = (await catalog.bindings.get(keys.binding(environment, service)))?.record
  const {records} = await catalog.instances.list(keys.instances(environment, service))
  const routed = records.filter(
    ({record: {deploy, release, state}}) =>
      deploy === number && state === 'up' && [binding?.active, binding?.joining].includes(release),
  )
  return new Set(routed.map(({record}) => record.host))
}

/** A host stands where the last step that speaks of it left it. */
function hostsOf({deploy, state, steps}: KnownDeploy): ShownHost[] {
  // On this machine steps tell of no host.
  if (steps.every(({hosts}) => hosts === undefined)) return []
  return (deploy.batches ?? []).flatMap((names, index) =>
    names.map((host): ShownHost => {
      const place = {host, batch: index + 1}
      const told = steps.flatMap(({hosts = [], step}) =>
        hosts.filter((one) => one.host === host).map((one) => ({...one, step})),
      )
      const last = told.findLast(({outcome}) => outcome !== 'waiting')
      if (last === undefined) return {...place, outcome: 'waiting'}
      const {detail, outcome, step} = last
      const isCut = outcome === 'running' && state !== 'running'
      return {...place, step, outcome: isCut ? 'cut' : outcome, ...(detail !== undefined && {detail})}
    }),
  )
}

/** Before these, nothing of the release ran that could have written anything. */
function hasRun({failedStep}: Deploy): boolean {
  const before: Deploy['failedStep'][] = ['recover', 'build', 'release', 'check', 'unpack']
  return !before.includes(failedStep)
}

function nextLines({deploy, isNewest, state}: KnownDeploy): string[] {
  const {environment, number, service} = deploy
  const of = `--service ${service} --env ${environment}`
  const again = `yard deploy --env ${environment}`
  const resume = isNewest ? [`yard deploy resume ${number} ${of}`] : []
  switch (state) {
    case 'abandoned':
    case 'paused':
      return isNewest ? [...resume, `yard deploy abort ${number} ${of}`] : [again]
    case 'running':
      return ['yard lock list', `yard ps ${service} --env ${environment}`]
    case 'live':
      return isNewest && deploy.before !== undefined && deploy.before !== deploy.release
        ? [`yard rollback ${service} --env ${environment}`]
        : [`yard ps ${service} --env ${environment}`]
    case 'partial':
      // Hosts that --hosts left out are not a matter of this deploy.
      return [
        ...(deploy.failedHosts === undefined ? [] : resume),
        again,
        `yard rollback ${service} --env ${environment}`,
      ]
    case 'failed':
      return hasRun(deploy) ? [`yard logs tail ${service} --env ${environment} --no-follow`, again] : [again]
    case 'interrupted':
      return [...resume, again]
    case 'aborted':
      return [again]
  }
}
