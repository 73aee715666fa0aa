import {type Catalog} from '../../catalog/catalog.js'
import {unchanged} from '../../catalog/collection.js'
import {findEnvironment, refuse} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {readRouted} from '../../catalog/snapshot.js'
import {type Report} from '../../contracts/report.js'
import {getsRequests, type InstanceAction, instanceAfter} from '../../domain/instance-change.js'
import {type Instance} from '../../domain/instance.js'
import {YardError} from '../../errors.js'
import {remindOfPush} from '../push/remind.js'
import {findInstance} from './find.js'

export interface InstanceChangeNeeds {
  catalog: Catalog
  report: Report
  /** Who is at work, for records. */
  actor: string
  /** Returns once a person agreed. @throws YardError E_NOT_CONFIRMED */
  confirm: (question: {purpose: string; consequence: string; name: string}) => Promise<void>
  /** The same for whatever is done in a protected environment. */
  confirmProtected: (change: {environment: string; purpose: string}) => Promise<void>
}

export interface InstanceChangeRequest {
  environment: string
  instance: string
  action: InstanceAction
  dryRun: boolean
}

export interface InstanceChangeReport {
  environment: string
  outcome: 'changed' | 'unchanged'
  dryRun: boolean
  action: InstanceAction['kind']
  before: Instance
  after: Instance
  /** With this no instance of the service gets requests any more: its callers get errors. */
  leavesNone: boolean
}

/**
 * Enables, disables, drains or weighs one instance, by compare-and-swap. It keeps running whatever is decided.
 * @throws YardError E_ENVIRONMENT_UNKNOWN, E_INSTANCE_UNKNOWN, E_CONFLICT when a deploy has the say or was faster,
 * E_NOT_CONFIRMED
 */
export async function changeInstance(
  needs: InstanceChangeNeeds,
  request: InstanceChangeRequest,
): Promise<InstanceChangeReport> {
  const {action, dryRun} = request
  const {catalog} = needs
  const environment = (await findEnvironment(catalog, request.environment)).name
  const stored = await findInstance(catalog, environment, request.instance)
  const {record: before} = stored
  const change = instanceAfter(before, action, needs.actor)
  if (change.outcome === 'refused') throw notOperators(before, action, change.why)
  const report = {environment, dryRun, action: action.kind, before}
  if (change.outcome === 'unchanged') {
    return {...report, outcome: 'unchanged', after: before, leavesNone: false}
  }
  const {after} = change
  const leavesNone = await isLastTaken(catalog, before, after)
  if (!dryRun) {
    await askFirst(needs, {environment, before, action, leavesNone})
    const key = keys.instance(environment, before.service, before.id)
    await catalog.commit(
      `Can't ${action.kind} ${before.id}`,
      [unchanged(key, stored)],
      [catalog.instances.put(key, after)],
    )
    await remindOfPush(needs, environment)
  }
  return {...report, outcome: 'changed', after, leavesNone}
}

async function askFirst(
  needs: InstanceChangeNeeds,
  change: {environment: string; before: Instance; action: InstanceAction; leavesNone: boolean},
): Promise<void> {
  const {before, environment, leavesNone} = change
  const purpose = purposeOf(before, change.action)
  await needs.confirmProtected({environment, purpose})
  if (!leavesNone) return
  await needs.confirm({
    purpose,
    consequence: `${before.id} is the last instance of ${before.service} that gets requests in ${environment}: its callers get errors from then on`,
    name: before.service,
  })
}

async function isLastTaken(catalog: Catalog, before: Instance, after: Instance): Promise<boolean> {
  const {environment, service} = before
  const binding = await catalog.bindings.get(keys.binding(environment, service), refuse)
  const active = binding?.record.active
  const {drains, instances} = await readRouted(catalog, environment)
  const drained = new Set(drains.map(({record}) => record.host))
  const serves = (instance: Instance) => getsRequests(instance, active, drained)
  if (!serves(before) || serves(after)) return false
  return !instances.some(
    ({record}) => record.service === service && record.id !== before.id && serves(record),
  )
}

function purposeOf({id}: Instance, action: InstanceAction): string {
  return action.kind === 'weight' ? `give ${id} the weight ${action.weight}` : `${action.kind} ${id}`
}

function notOperators(instance: Instance, action: InstanceAction, why: string): YardError {
  return new YardError('E_CONFLICT', {
    what: `Can't ${purposeOf(instance, action)}`,
    why,
    next: [`yard instances list ${instance.service} --env ${instance.environment}`],
  })
}
