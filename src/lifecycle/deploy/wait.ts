import {type Clock} from '../../contracts/clock.js'
import {YardError} from '../../errors.js'
import {type DeployRun} from './run.js'
import {together} from './step-failure.js'

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

/** Rejects with the signal's reason as soon as it aborts, whatever becomes of the work. */
export function untilAborted<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, {once: true})
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

export interface ApplyWait {
  timeoutMillis?: number
  signal?: AbortSignal | undefined
  /** A host that doesn't follow in time is only warned of. */
  mayLag?: boolean
}

/**
 * Waits until every host of the environment follows the catalog as it was at this revision. Hosts that this deploy has
 * left out are not waited for, and nothing fails because of them.
 * @throws YardError E_STEP_FAILED with what keeps a host from it.
 */
export async function waitApplied(run: DeployRun, revision: number, wait: ApplyWait = {}): Promise<void> {
  const {mayLag = false, timeoutMillis = applyMillis} = wait
  const signal = 'signal' in wait ? wait.signal : run.signal
  const traffic = await run.traffic()
  const notAwaited = [
    ...run.failedHosts.keys(),
    ...run.target.leftOut.map(({name}) => name),
    ...(mayLag ? run.laggingHosts : []),
  ]
  const options = {timeoutMillis, signal, notAwaited}
  const hosts = await traffic.makeLive(run.target.environment.name, revision, options)
  const isLeftOut = ({host}: {host: string}) => notAwaited.includes(host)
  const behind = hosts.filter(({isLive}) => !isLive)
  const needed = mayLag ? [] : behind.filter((host) => !isLeftOut(host))
  const whyOf = ({problem}: {problem?: string}) =>
    problem ?? `it did not follow within ${timeoutMillis / 1_000} s`
  const wereKnown = new Set(run.laggingHosts)
  // Going back doesn't wait for them once more.
  for (const {host} of mayLag ? behind : needed) run.laggingHosts.add(host)
  if (needed.length > 0) throw together(needed.map((host) => notFollowing(host.host, whyOf(host))))
  for (const host of behind) {
    const text = `${host.host} doesn't follow the catalog`
    if (!wereKnown.has(host.host)) run.warnOnce(`${text}: ${whyOf(host)}`, text)
  }
}

function notFollowing(host: string, why: string): YardError {
  return new YardError('E_STEP_FAILED', {
    what: `${host} doesn't follow the catalog`,
    why: `${host} doesn't follow the catalog: ${why}`,
    next: ['yard status', 'yard doctor', 'yard up --detach'],
    details: {host},
  })
}
