import {keys} from '../../../catalog/keys.js'
import {type Stored} from '../../../catalog/collection.js'
import {type Instance} from '../../../domain/instance.js'
import {type Binding, releaseId} from '../../../domain/release.js'
import {putScaleBack} from '../../scale/record.js'
import {againOnConflict} from '../again-on-conflict.js'
import {instancesOf, isMine} from '../instances.js'
import {retire} from './retire.js'
import {type DeployRun} from '../run.js'
import {reasonOf} from '../step-failure.js'
import {type InstanceMove, writeMove} from '../traffic/traffic-move.js'
import {waitApplied} from '../wait.js'

/** Long enough for requests under way, short enough for somebody who pressed Ctrl-C. */
const drainMillis = 10_000
const applyMillis = 15_000

/**
 * Undoes what this deploy did: the traffic goes back where it was, the new instances leave. What can't be undone
 * now is told, and mended by the next deploy. Returns what stood in its way.
 */
export function putBack(run: DeployRun): Promise<unknown> {
  return tellingWhy(run, async () => {
    await putScaleBack(run)
    await moveBack(run)
    await removeNew(run, run.instances)
    // A rollback goes to a release that is needed again; a release that never went live is not.
    if (run.release !== undefined && (run.record.kind === 'deploy' || run.record.kind === 'promote')) {
      await run.needs.artifacts.removeRelease(run.target.service, run.release.number)
    }
  })
}

/** Undoes it on one host, while the others go on: its old instances have their traffic again. */
export async function putHostBack(run: DeployRun, host: string): Promise<void> {
  await tellingWhy(run, async () => {
    const revision = await againOnConflict(() => moveHostBack(run, host))
    if (revision !== undefined) await waitApplied(run, revision, {mayLag: true})
    const here = run.instances.filter((instance) => instance.host === host)
    run.instances = run.instances.filter((instance) => instance.host !== host)
    await removeNew(run, here)
  })
}

async function tellingWhy(run: DeployRun, work: () => Promise<void>): Promise<unknown> {
  try {
    await work()
    return undefined
  } catch (error) {
    run.needs.report({
      kind: 'warning',
      text: `not everything could be put back: ${reasonOf(error)}; the next deploy mends it`,
    })
    return error
  }
}

/** The binding as it was before this deploy, if this deploy changed it. */
async function moveBack(run: DeployRun): Promise<void> {
  const {environment, service} = run.target
  const key = keys.binding(environment.name, service)
  const revision = await againOnConflict(async () => {
    const present = await run.needs.catalog.bindings.get(key)
    if (present?.record.deploy !== run.record.number) return undefined
    return giveBack(run, present, run.before, (one) => isMine(run, one))
  })
  if (revision === undefined) return
  const live = run.before === undefined ? 'no release' : releaseId(service, run.before.active)
  run.needs.report({kind: 'note', text: `traffic moved back: ${live} has it`})
  await waitApplied(run, revision, {timeoutMillis: applyMillis, signal: undefined, mayLag: true})
}

/**
 * One transaction, as far as it holds all of it: the old binding, the old instances up, the new ones draining. Returns its
 * revision.
 */
export async function giveBack(
  run: DeployRun,
  present: Stored<Binding>,
  before: Binding | undefined,
  isNew: (instance: Instance) => boolean,
): Promise<number> {
  const drainUntil = new Date(run.needs.clock.now().getTime() + drainMillis).toISOString()
  const moves = (await instancesOf(run)).flatMap((stored): InstanceMove[] => {
    const {record} = stored
    if (!isToMove(record)) return []
    if (isNew(record)) return [{stored, to: {...record, state: 'draining', drainUntil}}]
    const had = before !== undefined && [before.active, before.joining].includes(record.release)
    return had && record.state !== 'up' ? [{stored, to: {...record, state: 'up', drainUntil: undefined}}] : []
  })
  return writeMove(run, {
    present,
    binding: before,
    arriving: moves.filter(({to}) => to.state === 'up'),
    leaving: moves.filter(({to}) => to.state !== 'up'),
  })
}

async function moveHostBack(run: DeployRun, host: string): Promise<number | undefined> {
  const {environment, service} = run.target
  const present = await run.needs.catalog.bindings.get(keys.binding(environment.name, service))
  const old = (await instancesOf(run)).filter(
    ({record}) => record.host === host && !isMine(run, record) && record.state === 'draining',
  )
  const arriving = old
    .filter(({record}) => isToMove(record))
    .map((stored) => ({stored, to: {...stored.record, state: 'up' as const, drainUntil: undefined}}))
  if (present === undefined || arriving.length === 0) return undefined
  return writeMove(run, {present, binding: present.record, arriving, leaving: []})
}

/** What an operator took out of the traffic stays out of it. */
function isToMove({state, takenOutBy}: Instance): boolean {
  return state === 'up' || (state === 'draining' && takenOutBy === undefined)
}

/** One that is away keeps what it has, and the others are rid of it. */
async function removeNew(run: DeployRun, instances: readonly Instance[]): Promise<void> {
  const graceMillis = run.release?.drain.graceMillis ?? 10_000
  const present = new Set((await instancesOf(run)).map(({record}) => record.id))
  const ids = instances.map(({id}) => id).filter((id) => present.has(id))
  if (ids.length > 0) await retire(run, ids, {step: 'recover', drainMillis, graceMillis, mayLag: true})
}
