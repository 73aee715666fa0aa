import path from 'node:path'

import {refuse} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type Deploy, type DeployStepName} from '../../domain/deploy.js'
import {printable} from '../../domain/names.js'
import {plannedSteps} from '../../domain/planned-steps.js'
import {serviceFileName} from '../../domain/service-file.js'
import {YardError} from '../../errors.js'
import {readServiceFiles} from '../service-file.js'
import {configDifference, type ConfigDifference} from './steps/config-for-release.js'
import {type DeployNeeds, type RolloutNeeds} from './needs.js'
import {type RolloutPlan, rolloutPlan, type RolloutWishes} from './rollout-plan.js'
import {type Target} from './run.js'
import {findTarget} from './target.js'
import {refuseThirdRelease} from './third-release.js'

/** What is to be built. */
export interface Source {
  root: string
  /** The directory of the service below the root; empty when it is the root. */
  below: string
  ref: string
  commit: string
  dirty: boolean
}

export interface DeployRequest extends RolloutWishes {
  environment: string
  /** Inside the repository of the service. */
  directory: string
  ref?: string
  allowDirty: boolean
  /** Names of the hosts that get the release; all of the environment's unless given. */
  hosts?: readonly string[]
}

/** What a deploy would do; also the answer to `--dry-run`. */
export interface DeployPlan extends RolloutPlan {
  service: string
  environment: string
  kind: Deploy['kind']
  ref: string
  commit: string
  dirty: boolean
  /** Known beforehand only for a rollback. */
  release?: number
  /** The release that has the traffic now. */
  active?: number
  /** See `Deploy`. */
  promotedFrom?: number
  scale?: Deploy['scale']
  steps: readonly DeployStepName[]
  /** Commands that are run on each host at most; absent where nobody has to log in. */
  commandsPerHost?: readonly string[]
  /** Variables that a new release has otherwise than the live one. */
  config?: ConfigDifference
}

/** One connection serves them all. The release process is one more, on the first host. */
const commandsPerHost = ['survey', 'place', 'start', 'stop'] as const

/** Checks everything that can be known before anything is written. */
export async function planDeploy(
  needs: DeployNeeds,
  request: DeployRequest,
): Promise<{plan: DeployPlan; source: Source; target: Target}> {
  const {repository} = needs
  const root = await repository.findRoot(request.directory)
  if (root === undefined) throw noRepository(request)
  const directory = await serviceDirectory(needs, root, request.directory)
  const {service} = await readServiceFiles(needs, {directory, purpose: `deploy to ${request.environment}`})
  const target = await findTarget(needs, service.name, request.environment, request.hosts)
  await refuseThirdRelease(needs, target)
  const source = await findSource(needs, request, root, path.relative(root, directory))
  const active = await activeRelease(needs, target)
  const rollout = rolloutPlan(target, request, service.deploy)
  const config = await configDifference(needs, target, {active, fileVariables: service.variables})
  return {
    target,
    source,
    plan: {
      service: service.name,
      environment: target.environment.name,
      kind: 'deploy',
      ref: source.ref,
      commit: source.commit,
      dirty: source.dirty,
      ...(active !== undefined && {active}),
      ...rollout,
      steps: stepNames(target, rollout),
      ...commandsOn(target),
      ...(config !== undefined && {config}),
    },
  }
}

export async function activeRelease(
  {catalog}: Pick<RolloutNeeds, 'catalog'>,
  {environment, service}: Target,
): Promise<number | undefined> {
  return (await catalog.bindings.get(keys.binding(environment.name, service), refuse))?.record.active
}

export function commandsOn({environment}: Target): Pick<DeployPlan, 'commandsPerHost'> {
  return environment.kind === 'hosts' ? {commandsPerHost} : {}
}

/** Each once, in their order. */
export function stepNames(
  {environment}: Target,
  {batches, strategy}: Pick<DeployPlan, 'batches' | 'strategy'>,
): DeployStepName[] {
  const planned = plannedSteps({kind: environment.kind, strategy, batches: batches.length})
  return [...new Set(planned.map(({step}) => step))]
}

/** The nearest directory with a service file, up to the top of the repository. */
async function serviceDirectory({files}: DeployNeeds, root: string, directory: string): Promise<string> {
  for (let place = directory; ; place = path.dirname(place)) {
    if (await files.exists(path.join(place, serviceFileName))) return place
    if (place === root || path.relative(root, place).startsWith('..') || place === path.dirname(place))
      return directory
  }
}

async function findSource(
  {repository}: DeployNeeds,
  request: DeployRequest,
  root: string,
  below: string,
): Promise<Source> {
  const {allowDirty, ref} = request
  const wanted = ref ?? 'HEAD'
  const commit = await repository.resolve(root, wanted)
  if (commit === undefined) throw unknownRef(wanted, ref === undefined)
  if (ref !== undefined) return {root, below, ref, commit, dirty: false}
  const changed = await repository.changedPaths(root)
  if (changed.length > 0 && !allowDirty) throw isDirty(changed, request.environment)
  const branch = (await repository.currentBranch(root)) ?? commit.slice(0, 12)
  return {root, below, ref: branch.slice(0, 250), commit, dirty: changed.length > 0}
}

function noRepository({environment, directory}: DeployRequest): YardError {
  return new YardError('E_NO_REPOSITORY', {
    what: `Can't deploy to ${environment}`,
    why: `${directory} is not in a git repository`,
    next: [
      'cd into the directory of the service',
      'git init && git add --all && git commit -m "First commit"',
    ],
  })
}

function unknownRef(ref: string, isDefault: boolean): YardError {
  return new YardError('E_REF_UNKNOWN', {
    what: `Can't deploy ${printable(ref)}`,
    why: isDefault
      ? 'the repository has no commit yet'
      : 'no commit, branch or tag of this repository is meant by it',
    next: isDefault
      ? ['git add --all && git commit -m "First commit"']
      : ['git branch --all', 'git log --oneline'],
  })
}

const shownPaths = 5

function isDirty(changed: readonly string[], environment: string): YardError {
  const shown = changed.slice(0, shownPaths).map((place) => printable(place).slice(1, -1))
  const more = changed.length > shownPaths ? ` and ${changed.length - shownPaths} more` : ''
  return new YardError('E_WORK_TREE_DIRTY', {
    what: "Can't tell what to deploy",
    why: `the work tree has changes that are in no commit: ${shown.join(', ')}${more}`,
    next: [
      'git add --all && git commit',
      `yard deploy --env ${environment} --ref HEAD   # the last commit, without the changes`,
      `yard deploy --env ${environment} --allow-dirty   # with the changes, which the release records`,
    ],
    details: {changed: changed.slice(0, 100)},
  })
}
