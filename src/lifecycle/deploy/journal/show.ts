import {type Deploy, type DeployStep} from '../../../domain/deploy.js'
import {type DeployState} from '../../../domain/deploy-state.js'
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
  return {
    ...deploy,
    state,
    ...(state === 'running' && holder !== undefined && {holder: partsOf(holder)}),
    steps: known.steps.map((step) => shownStep(step, state)),
    hosts: hostsOf(known),
    next: nextLines(known),
  }
}

function partsOf({holder, host, pid, since}: NonNullable<KnownDeploy['holder']>) {
  return {holder, host, pid, since}
}

function shownStep({outcome, ...step}: DeployStep, state: DeployState): ShownStep {
  return {...step, outcome: outcome === 'running' && state !== 'running' ? 'cut' : outcome}
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

function nextLines({deploy, isNewest, state}: KnownDeploy): string[] {
  const {environment, number, service} = deploy
  const of = `--service ${service} --env ${environment}`
  const again = `yard deploy --env ${environment}`
  switch (state) {
    case 'abandoned':
    case 'paused':
      return isNewest ? [`yard deploy resume ${number} ${of}`, `yard deploy abort ${number} ${of}`] : [again]
    case 'running':
      return [`yard lock list`, `yard logs tail ${service} --env ${environment}`]
    case 'live':
      return isNewest ? [`yard rollback ${service} --env ${environment}`] : []
    case 'partial':
      return [again, `yard rollback ${service} --env ${environment}`]
    case 'failed':
      return [`yard logs tail ${service} --env ${environment} --no-follow`, again]
    case 'interrupted':
    case 'aborted':
      return [again]
  }
}
