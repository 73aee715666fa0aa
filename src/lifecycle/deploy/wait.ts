import {keys} from '../../catalog/keys.js'
import {type Clock} from '../../contracts/clock.js'
import {type InstanceStatus} from '../../domain/instance.js'
import {YardError} from '../../errors.js'
import {type DeployRun} from './run.js'

export const pollMillis = 50
const applyMillis = 30_000
/** The record of an agent that was killed is gone after this. */
const agentLeaseMillis = 16_000

export interface Wait {
  clock: Clock
  timeoutMillis: number
  signal?: AbortSignal | undefined
}

/** Looks until there is something; undefined when the time is over. Rejects with the signal's reason when it aborts. */
export async function waitUntil<T>(wait: Wait, look: () => Promise<T | undefined>): Promise<T | undefined> {
  const deadline = wait.clock.monotonicMillis() + wait.timeoutMillis
  for (;;) {
    wait.signal?.throwIfAborted()
    const found = await look()
    if (found !== undefined) return found
    if (wait.clock.monotonicMillis() >= deadline) return undefined
    await wait.clock.sleep(pollMillis, wait.signal)
  }
}

/**
 * Waits until every host of the environment follows the catalog as it was at this revision.
 * @throws YardError E_STEP_FAILED with what keeps a host from it.
 */
export async function waitApplied(
  run: DeployRun,
  revision: number,
  options: {timeoutMillis?: number; signal?: AbortSignal | undefined} = {},
): Promise<void> {
  const {catalog, clock} = run.needs
  const {environment, hosts} = run.target
  const {timeoutMillis = applyMillis} = options
  const signal = 'signal' in options ? options.signal : run.signal
  for (const host of hosts) {
    const key = keys.agent(environment.name, host.name)
    let seenAt = clock.monotonicMillis()
    let problem: string | undefined
    const applied = await waitUntil({clock, timeoutMillis, signal}, async () => {
      const agent = await catalog.agents.get(key)
      const now = clock.monotonicMillis()
      if (agent !== undefined) seenAt = now
      problem = agent?.record.problem
      if (agent === undefined && now - seenAt > agentLeaseMillis)
        throw notFollowing(host.name, 'yard up is gone')
      return agent !== undefined && agent.record.appliedRevision >= revision ? true : undefined
    })
    if (applied === undefined) {
      throw notFollowing(host.name, problem ?? `it did not follow within ${timeoutMillis / 1_000} s`)
    }
  }
}

export async function statusOf(run: DeployRun, id: string): Promise<InstanceStatus | undefined> {
  return (await run.needs.catalog.statuses.get(keys.status(run.target.environment.name, id)))?.record
}

function notFollowing(host: string, why: string): YardError {
  return new YardError('E_STEP_FAILED', {
    what: `${host} doesn't follow the catalog`,
    why: `${host} doesn't follow the catalog: ${why}`,
    next: ['yard status', 'yard doctor', 'yard up --detach'],
  })
}
