import {type Catalog} from '../../catalog/catalog.js'
import {keys} from '../../catalog/keys.js'
import {type Compare, type Write} from '../../contracts/store.js'
import {type Platform} from '../../domain/platform-file.js'
import {YardError} from '../../errors.js'
import {removalOfHost} from '../hosts/removal.js'
import {
  type CatalogChange,
  changesOf,
  type PlannedEnvironment,
  type PlannedHost,
  type PlanNeeds,
  planPlatform,
} from './plan.js'

export interface CatalogPlanReport {
  /** The platform file. */
  file: string
  outcome: 'nothing-to-do' | 'planned' | 'applied'
  dryRun: boolean
  changes: CatalogChange[]
}

export interface ApplyNeeds extends PlanNeeds {
  /** Hears the plan before anything is done. */
  onPlan: (report: CatalogPlanReport) => void
  /** Returns once a person agreed. @throws YardError E_NOT_CONFIRMED */
  confirm: (question: {purpose: string; consequence: string; name: string}) => Promise<void>
}

/** How the catalog differs from what the platform file declares. Changes nothing. */
export async function diffCatalog(
  needs: PlanNeeds,
  request: {platform: Platform},
): Promise<CatalogPlanReport> {
  return reportOf(request.platform, await planPlatform(needs, request.platform), true)
}

/**
 * Makes the catalog have what the platform file declares, in transactions that each assume what the plan was made of.
 * One that was killed midway is finished by running it again; twice changes nothing.
 * @throws YardError E_HOST_IN_USE, E_ENVIRONMENT_IN_USE before anything is written; E_NOT_CONFIRMED; E_CONFLICT when
 * somebody else changed the same thing meanwhile.
 */
export async function applyPlatform(
  needs: ApplyNeeds,
  request: {platform: Platform; dryRun: boolean},
): Promise<CatalogPlanReport> {
  const {dryRun, platform} = request
  const planned = await planPlatform(needs, platform)
  const report = reportOf(platform, planned, dryRun)
  needs.onPlan(report)
  if (report.outcome === 'nothing-to-do') return report
  for (const change of report.changes) refuseBlocked(change)
  if (dryRun) return report
  for (const environment of planned) await confirmLosses(needs, environment)
  for (const environment of planned) await putRecords(needs.catalog, environment)
  for (const environment of planned) await removeHosts(needs.catalog, environment)
  for (const environment of planned) await removeEnvironment(needs.catalog, environment)
  return {...report, outcome: 'applied'}
}

function reportOf(
  {file}: Platform,
  planned: readonly PlannedEnvironment[],
  dryRun: boolean,
): CatalogPlanReport {
  const changes = changesOf(planned)
  return {file, outcome: changes.length === 0 ? 'nothing-to-do' : 'planned', dryRun, changes}
}

function refuseBlocked({blocked, environment, host}: CatalogChange): void {
  if (blocked === undefined) return
  if (host === undefined) {
    throw new YardError('E_ENVIRONMENT_IN_USE', {
      what: `Can't remove the environment ${environment}`,
      why: `it still has ${blocked}`,
      next: [`yard environments show ${environment}`, 'declare it again in yard.yaml'],
      details: {environment},
    })
  }
  throw new YardError('E_HOST_IN_USE', {
    what: `Can't remove the host ${host} from ${environment}`,
    why: `it still has ${blocked}`,
    next: [`yard hosts remove ${host} --env ${environment} --drain`, 'declare it again in yard.yaml'],
    details: {environment, host},
  })
}

/** Asks where something of a protected environment goes, its protection included. */
async function confirmLosses(needs: ApplyNeeds, planned: PlannedEnvironment): Promise<void> {
  const {hosts, name, present, wanted} = planned
  if (present?.protected !== true) return
  const removed = hosts.filter((host) => host.wanted === undefined).map((host) => host.name)
  const losses = [
    ...(wanted === undefined ? ['it is removed'] : []),
    ...(wanted !== undefined && wanted.protected !== true ? ['it is protected no more'] : []),
    ...(removed.length > 0 ? [`it loses ${removed.slice(0, 5).join(', ')}`] : []),
  ]
  if (losses.length === 0) return
  const consequence = `${name} is a protected environment: ${losses.join(', and ')}`
  await needs.confirm({purpose: 'apply the platform file', consequence, name})
}

/** With the environment's own record, a transaction stays below its limit of 128. */
const hostsAtOnce = 100

/**
 * Each transaction writes the record of the environment, too, as it is wanted: whoever removes the environment at this
 * moment assumed that nothing was added to it, and finds that it was.
 */
async function putRecords(catalog: Catalog, planned: PlannedEnvironment): Promise<void> {
  const {change, name, wanted} = planned
  if (wanted === undefined) return
  const hosts = planned.hosts.filter((host) => host.wanted !== undefined)
  if (change === undefined && hosts.length === 0) return
  const key = keys.environment(name)
  let revision = planned.modRevision
  for (let start = 0; start === 0 || start < hosts.length; start += hostsAtOnce) {
    const some = hosts.slice(start, start + hostsAtOnce)
    const compares: Compare[] = [{key, target: 'modified', revision}]
    const writes: Write[] = [catalog.environments.put(key, wanted)]
    for (const host of some) {
      compares.push(asPlanned(name, host))
      if (host.wanted !== undefined) writes.push(catalog.hosts.put(keys.host(name, host.name), host.wanted))
    }
    revision = await catalog.commit("Can't apply the platform file", compares, writes)
  }
}

async function removeHosts(catalog: Catalog, {hosts, name}: PlannedEnvironment): Promise<void> {
  for (const host of hosts.filter(({wanted}) => wanted === undefined)) {
    const writes = await removalOfHost(catalog, name, host.name)
    await catalog.commit("Can't apply the platform file", [asPlanned(name, host)], writes)
  }
}

async function removeEnvironment(catalog: Catalog, planned: PlannedEnvironment): Promise<void> {
  const {change, modRevision, name} = planned
  if (change?.kind !== 'remove') return
  const key = keys.environment(name)
  const compare: Compare = {key, target: 'modified', revision: modRevision}
  await catalog.commit("Can't apply the platform file", [compare], [{delete: key}])
}

function asPlanned(environment: string, {modRevision, name}: PlannedHost): Compare {
  return {key: keys.host(environment, name), target: 'modified', revision: modRevision}
}
