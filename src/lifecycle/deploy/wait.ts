import {keys} from '../../catalog/keys.js'
import {type Clock} from '../../contracts/clock.js'
import {type InstanceStatus} from '../../domain/instance.js'
import {YardError} from '../../errors.js'
import {type DeployRun} from './run.js'

export const pollMillis = 50
const applyMillis = 30_000

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
  const {timeoutMillis = applyMillis} = options
  const signal = 'signal' in options ? options.signal : run.signal
  const hosts = await run.needs.router.makeLive(run.target.environment.name, revision, {
    timeoutMillis,
    signal,
  })
  const behind = hosts.find(({isLive}) => !isLive)
  if (behind === undefined) return
  throw notFollowing(behind.host, behind.problem ?? `it did not follow within ${timeoutMillis / 1_000} s`)
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
