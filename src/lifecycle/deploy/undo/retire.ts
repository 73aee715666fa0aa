import {unchanged, type Stored} from '../../../catalog/collection.js'
import {portRelease} from '../../../catalog/ports.js'
import {type DeployStepName} from '../../../domain/deploy.js'
import {type Instance, type InstanceState} from '../../../domain/instance.js'
import {againOnConflict} from '../again-on-conflict.js'
import {byHost, instanceKey, instancesOf} from '../instances.js'
import {type DeployRun} from '../run.js'
import {onHost, together} from '../step-failure.js'
import {chunks} from '../traffic/traffic-move.js'
import {untilAborted, waitApplied, waitUntil} from '../wait.js'

export interface Retirement {
  step: DeployStepName
  drainMillis: number
  graceMillis: number
  signal?: AbortSignal | undefined
  /** Hosts that don't follow the catalog are only warned of: they must not keep the others from being mended. */
  mayLag?: boolean
  /** Every host heard before that those which drain already do so. */
  isKnown?: boolean
  /** Asked once nothing is under way to them any more, and before they are ended. */
  beforeEnd?: () => Promise<void>
}

/**
 * Takes instances out of the traffic, waits for the requests they have, ends them and forgets them. One that can't be
 * ended doesn't keep the others; the reasons are thrown when all have been tried.
 */
export async function retire(run: DeployRun, ids: readonly string[], how: Retirement): Promise<void> {
  const wereUp = (await instancesOf(run)).some(({record}) => ids.includes(record.id) && record.state === 'up')
  const draining = await againOnConflict(() => setState(run, ids, 'draining', how.drainMillis))
  await run.pass(how.step, 'draining')
  if (draining.length > 0) await untilIdle(run, draining, {...how, isKnown: how.isKnown === true && !wereUp})
  await how.beforeEnd?.()
  await againOnConflict(() => setState(run, ids, 'down'))
  await run.pass(how.step, 'down')
  await forget(run, ids, how)
}

/** Once every host knows that they leave, looks until nothing is under way to them or their time is over. */
async function untilIdle(
  run: DeployRun,
  leaving: readonly Stored<Instance>[],
  how: Retirement,
): Promise<void> {
  const {clock} = run.needs
  const revision = Math.max(...leaving.map(({modRevision}) => modRevision))
  if (run.isFleet && how.isKnown !== true)
    await waitApplied(run, revision, {signal: how.signal, mayLag: how.mayLag === true})
  const instances = leaving.map(({record}) => record)
  const traffic = await run.traffic()
  const timeoutMillis = how.drainMillis + (run.isFleet ? 0 : patienceWithSupervisorMillis)
  await waitUntil({clock, timeoutMillis, signal: how.signal}, async () => {
    const idle = await traffic.idle(instances)
    return instances.every(({id}) => idle.has(id)) ? true : undefined
  })
}

/** Who looks after this machine follows the catalog when it gets to it, and counts the time itself. */
const patienceWithSupervisorMillis = 10_000

/** Ends the processes, host by host at once, and deletes records and ports where none is left. */
async function forget(run: DeployRun, ids: readonly string[], how: Retirement): Promise<void> {
  const present = (await instancesOf(run)).filter(({record}) => ids.includes(record.id))
  if (present.length === 0) return
  const revision = Math.max(...present.map(({modRevision}) => modRevision))
  await waitApplied(run, revision, {signal: how.signal, mayLag: how.mayLag === true})
  const failures: Error[] = []
  const killed: string[] = []
  await Promise.all(
    [...byHost(present.map(({record}) => record))].map(async ([host, instances]) => {
      try {
        const machine = await run.machine(host)
        const stopping = {
          ...{fence: run.fence, ids: instances.map(({id}) => id), graceMillis: how.graceMillis},
          onKilled: (id: string) => killed.push(id),
        }
        await untilAborted(how.signal, machine.stop(stopping))
        await deleteRecords(
          run,
          present.filter(({record}) => record.host === host),
        )
      } catch (error) {
        failures.push(run.isFleet || !(error instanceof Error) ? onHost(host, error) : error)
      }
    }),
  )
  if (killed.length > 0) await tellKilled(run, killed, how.graceMillis)
  if (failures.length > 0) throw together(failures)
}

/** What such a process had under way is lost: its team has to know. */
async function tellKilled(run: DeployRun, ids: readonly string[], graceMillis: number): Promise<void> {
  const killed = [...new Set([...(run.record.killed ?? []), ...ids])].sort()
  const who = ids.length > 6 ? `${ids.length} instances` : [...ids].sort().join(', ')
  const text = `${who} ignored SIGTERM for ${graceMillis / 1_000} s, and had to be killed`
  run.needs.report({kind: 'warning', text})
  await run.update({killed})
}

/** Of each, the record and the port are deleted. */
const deletedAtOnce = 60

async function deleteRecords(run: DeployRun, gone: readonly Stored<Instance>[]): Promise<void> {
  for (const some of chunks(gone, deletedAtOnce)) {
    await run.write(
      some.map((stored) => unchanged(instanceKey(run, stored.record), stored)),
      some.flatMap(({record}) => [
        {delete: instanceKey(run, record)},
        ...(record.port === undefined ? [] : [portRelease(record.environment, record.host, record.port)]),
      ]),
    )
  }
}

/** Returns those that are in that state now. Only instances with traffic are drained. */
async function setState(
  run: DeployRun,
  ids: readonly string[],
  state: Extract<InstanceState, 'draining' | 'down'>,
  drainMillis = 0,
): Promise<Stored<Instance>[]> {
  const {catalog, clock} = run.needs
  const now = clock.now().getTime()
  const changing = (await instancesOf(run)).filter(
    ({record}) => ids.includes(record.id) && (state === 'down' ? record.state !== 'down' : isToDrain(record)),
  )
  const draining = {drainUntil: new Date(now + drainMillis).toISOString()}
  for (const some of chunks(changing)) {
    await run.write(
      some.map((stored) => unchanged(instanceKey(run, stored.record), stored)),
      some.map((stored) =>
        catalog.instances.put(instanceKey(run, stored.record), {
          ...stored.record,
          state,
          ...(state === 'draining' && draining),
        }),
      ),
    )
  }
  return (await instancesOf(run)).filter(({record}) => ids.includes(record.id) && record.state === state)
}

/** One that an operator drained, or that left the traffic before, has no end of its own: the deploy gives it one. */
function isToDrain({drainUntil, state}: Instance): boolean {
  return state === 'up' || (state === 'draining' && drainUntil === undefined)
}
