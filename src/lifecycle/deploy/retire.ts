import {unchanged, type Stored} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {portRelease} from '../../catalog/ports.js'
import {type DeployStepName} from '../../domain/deploy.js'
import {type Instance, type InstanceState} from '../../domain/instance.js'
import {releaseId} from '../../domain/release.js'
import {againOnConflict} from './again-on-conflict.js'
import {type DeployRun, stepFailed} from './run.js'
import {statusOf, waitApplied, waitUntil} from './wait.js'

export interface Retirement {
  step: DeployStepName
  drainMillis: number
  graceMillis: number
  signal?: AbortSignal | undefined
  /** Asked once nothing is under way to them any more, and before they are ended. */
  beforeEnd?: () => Promise<void>
}

/** Instances of the service in this environment, as they are now. */
export async function instancesOf(run: DeployRun): Promise<Stored<Instance>[]> {
  const {environment, service} = run.target
  const listing = await run.needs.catalog.instances.list(keys.instances(environment.name, service))
  return listing.records
}

/** Takes instances out of the traffic, waits for the requests they have, ends them and forgets them. */
export async function retire(run: DeployRun, ids: readonly string[], how: Retirement): Promise<void> {
  const {clock} = run.needs
  const serving = await againOnConflict(() => setState(run, ids, 'draining', how.drainMillis))
  await run.pass(how.step, 'draining')
  if (serving.length > 0) {
    const timeoutMillis = how.drainMillis + 10_000
    await waitUntil({clock, timeoutMillis, signal: how.signal}, async () => {
      const statuses = await Promise.all(serving.map((id) => statusOf(run, id)))
      return statuses.every((status) => status === undefined || status.drained === true) ? true : undefined
    })
  }
  await how.beforeEnd?.()
  await againOnConflict(() => setState(run, ids, 'down'))
  await run.pass(how.step, 'down')
  await forget(run, ids, how)
}

/** Deletes records and ports once no process is left. */
async function forget(run: DeployRun, ids: readonly string[], how: Retirement): Promise<void> {
  const {clock} = run.needs
  const environment = run.target.environment.name
  const present = (await instancesOf(run)).filter(({record}) => ids.includes(record.id))
  if (present.length === 0) return
  const revision = Math.max(...present.map(({modRevision}) => modRevision))
  await waitApplied(run, revision, {signal: how.signal})
  const timeoutMillis = how.graceMillis + 15_000
  const gone = await waitUntil({clock, timeoutMillis, signal: how.signal}, async () => {
    const statuses = await Promise.all(ids.map((id) => statusOf(run, id)))
    return statuses.every((status) => status === undefined) ? true : undefined
  })
  if (gone === undefined) throw stepFailed(`the process of ${ids.join(', ')} does not end`)
  const writes = present.flatMap(({record}) => [
    {delete: keys.instance(environment, record.service, record.id)},
    ...(record.port === undefined ? [] : [portRelease(environment, record.host, record.port)]),
  ])
  const compares = present.map((stored) =>
    unchanged(keys.instance(environment, stored.record.service, stored.record.id), stored),
  )
  await run.write(compares, writes)
}

/** Returns the ids that had to be changed. Only instances with traffic are drained. */
async function setState(
  run: DeployRun,
  ids: readonly string[],
  state: Extract<InstanceState, 'draining' | 'down'>,
  drainMillis = 0,
): Promise<string[]> {
  const {catalog, clock} = run.needs
  const environment = run.target.environment.name
  const now = clock.now().getTime()
  const changing = (await instancesOf(run)).filter(
    ({record}) => ids.includes(record.id) && (state === 'down' ? record.state !== 'down' : isToDrain(record)),
  )
  const draining = {drainUntil: new Date(now + drainMillis).toISOString()}
  const keyOf = ({record}: Stored<Instance>) => keys.instance(environment, record.service, record.id)
  if (changing.length > 0) {
    await run.write(
      changing.map((stored) => unchanged(keyOf(stored), stored)),
      changing.map((stored) =>
        catalog.instances.put(keyOf(stored), {
          ...stored.record,
          state,
          ...(state === 'draining' && draining),
        }),
      ),
    )
  }
  if (state === 'down') return changing.map(({record}) => record.id)
  return (await instancesOf(run))
    .filter(({record}) => ids.includes(record.id) && record.state === 'draining')
    .map(({record}) => record.id)
}

/** One that an operator drained has no end of its own: the deploy gives it one. */
function isToDrain({drainUntil, state}: Instance): boolean {
  return state === 'up' || (state === 'draining' && drainUntil === undefined)
}

/** How long instances of a release may take to leave. */
export async function patienceOf(
  run: DeployRun,
  release: number,
): Promise<{drainMillis: number; graceMillis: number}> {
  const stored = await run.needs.catalog.releases.get(keys.release(run.target.service, release))
  if (stored === undefined) {
    const id = releaseId(run.target.service, release)
    run.needs.report({
      kind: 'warning',
      text: `the catalog has no ${id}: its instances get the usual times to leave`,
    })
  }
  const drain = stored?.record.drain
  return {drainMillis: drain?.timeoutMillis ?? 30_000, graceMillis: drain?.graceMillis ?? 10_000}
}
