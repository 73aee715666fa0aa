import {unchanged} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {type Instance} from '../../domain/instance.js'
import {releaseId} from '../../domain/release.js'
import {againOnConflict} from './again-on-conflict.js'
import {instancesOf, retire} from './retire.js'
import {type DeployRun, reasonOf} from './run.js'
import {waitApplied} from './wait.js'

/** Long enough for requests under way, short enough for somebody who pressed Ctrl-C. */
const drainMillis = 10_000
const applyMillis = 15_000

/**
 * Undoes what this deploy did: the traffic goes back where it was, the new instances leave. What can't be undone
 * now is told, and mended by the next deploy.
 */
export async function putBack(run: DeployRun): Promise<void> {
  const {report} = run.needs
  try {
    if (run.hasMoved) await againOnConflict(() => moveBack(run))
    await removeNew(run)
  } catch (error) {
    report({
      kind: 'warning',
      text: `not everything could be put back: ${reasonOf(error)}; the next deploy mends it`,
    })
  }
}

/** One compare-and-swap: the binding as it was, the old instances up, the new ones draining. */
async function moveBack(run: DeployRun): Promise<void> {
  const {catalog, clock} = run.needs
  const {environment, service} = run.target
  const key = keys.binding(environment.name, service)
  const binding = await catalog.bindings.get(key)
  if (binding?.record.deploy !== run.record.number) return
  const {before} = run
  const drainUntil = new Date(clock.now().getTime() + drainMillis).toISOString()
  const instances = (await instancesOf(run)).filter(
    ({record}) => isMine(run, record.id) || record.release === before?.active,
  )
  const revision = await run.write(
    [
      unchanged(key, binding),
      ...instances.map((stored) => unchanged(instanceKey(run, stored.record.id), stored)),
    ],
    [
      before === undefined ? {delete: key} : catalog.bindings.put(key, before),
      ...instances
        .filter(({record}) => isToMove(record))
        .map(({record}) => {
          const changed = isMine(run, record.id)
            ? {...record, state: 'draining' as const, drainUntil}
            : {...record, state: 'up' as const, drainUntil: undefined}
          return catalog.instances.put(instanceKey(run, record.id), changed)
        }),
    ],
  )
  run.hasMoved = false
  const live = before === undefined ? 'no release' : releaseId(service, before.active)
  run.needs.report({kind: 'note', text: `traffic moved back: ${live} has it`})
  await waitApplied(run, revision, {timeoutMillis: applyMillis, signal: undefined})
}

/** What an operator took out of the traffic stays out of it. */
function isToMove({state, takenOutBy}: Instance): boolean {
  return state === 'up' || (state === 'draining' && takenOutBy === undefined)
}

async function removeNew(run: DeployRun): Promise<void> {
  const {artifacts} = run.needs
  const {service} = run.target
  const ids = (await instancesOf(run)).map(({record}) => record.id).filter((id) => isMine(run, id))
  const graceMillis = run.release?.drain.graceMillis ?? 10_000
  if (ids.length > 0) await retire(run, ids, {step: 'recover', drainMillis, graceMillis})
  // A rollback goes to a release that is needed again; a release that never went live is not.
  if (run.release !== undefined && run.record.kind === 'deploy') {
    await artifacts.removeRelease(service, run.release.number)
  }
}

function isMine(run: DeployRun, id: string): boolean {
  return run.instances.some((instance) => instance.id === id)
}

function instanceKey(run: DeployRun, id: string): string {
  return keys.instance(run.target.environment.name, run.target.service, id)
}
