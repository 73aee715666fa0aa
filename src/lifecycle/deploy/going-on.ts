import {findEnvironment} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type Deploy} from '../../domain/deploy.js'
import {type DeployState} from '../../domain/deploy-state.js'
import {instanceProcesses} from '../../domain/procfile.js'
import {placements} from '../../domain/scale.js'
import {wantedInstances} from '../../domain/wanted-instances.js'
import {YardError} from '../../errors.js'
import {instancesOf} from './instances.js'
import {type KnownDeploy} from './journal/known-deploy.js'
import {type RolloutNeeds} from './needs.js'
import {type DeployRun, type Target} from './run.js'
import {findTarget} from './target.js'

/** The hosts of its batches that are still there; the others of the environment keep what they have. */
export async function targetOf(
  needs: Pick<RolloutNeeds, 'catalog'>,
  {batches, environment, service}: Deploy,
): Promise<Target> {
  const {name} = await findEnvironment(needs.catalog, environment)
  if (batches === undefined) return findTarget(needs, service, name)
  const {records} = await needs.catalog.hosts.list(keys.hosts(name))
  const present = new Set(records.map(({record}) => record.name))
  const hosts = batches.flat().filter((host) => present.has(host))
  return findTarget(needs, service, name, hosts)
}

/** Whoever holds the lock knows that nobody else is at work on it. */
export function underOwnLock(known: KnownDeploy): KnownDeploy {
  return known.deploy.outcome === 'running' ? {...known, state: 'abandoned', isLocked: false} : known
}

/** Whether all instances that this deploy takes the place of are still there, so that they can have their traffic back. */
export async function isOldWhole(run: DeployRun): Promise<boolean> {
  const {before, record, target} = run
  if (before === undefined) return true
  const stored = await run.needs.catalog.releases.get(keys.release(target.service, before.active))
  if (stored === undefined) return false
  const scale = record.scale === undefined ? run.scale : {processes: record.scale.before ?? {}}
  const all = [...target.hosts, ...target.leftOut].map(({name}) => name).sort()
  const here = new Set(target.hosts.map(({name}) => name))
  const wanted = placements(all, instanceProcesses(stored.record.processes), scale)
  const present = (await instancesOf(run)).map(({record: instance}) => instance)
  const {missing} = wantedInstances(
    before.active,
    wanted.filter(({host}) => here.has(host)),
    present.filter(({deploy}) => deploy !== record.number),
    ({state}) => state !== 'down',
  )
  return missing.length === 0
}

const reasons: Record<DeployState, string> = {
  abandoned: 'a later deploy has mended what it left',
  aborted: 'it was aborted, and everything was put back',
  failed: 'it failed, and everything was put back',
  interrupted: 'it was interrupted, and everything was put back',
  live: 'it went live',
  partial: 'it went live, on some hosts only',
  paused: 'a later deploy has taken its place',
  running: 'somebody is at work on it',
}

/** @param verb follows "Can't" */
export function deployEnded(
  known: Pick<KnownDeploy, 'deploy' | 'isNewest' | 'state'>,
  verb: string,
): YardError {
  const {environment, number, service} = known.deploy
  const why = known.isNewest ? reasons[known.state] : `${reasons[known.state]}; other deploys came after it`
  return ended({service, environment, number, verb, why})
}

export function ended(parts: {
  service: string
  environment: string
  number: number
  verb: string
  why: string
}): YardError {
  const {environment, number, service, verb, why} = parts
  return new YardError('E_DEPLOY_ENDED', {
    what: `Can't ${verb} deploy ${number} of ${service} to ${environment}`,
    why,
    next: [
      `yard deploy show ${number} --service ${service} --env ${environment}`,
      `yard rollback ${service} --env ${environment}`,
      `yard deploy --env ${environment}`,
    ],
    details: {service, environment, deploy: number},
  })
}
