import {keys} from '../../catalog/keys.js'
import {acquireLock, type LockIdentity} from '../../catalog/locks.js'
import {type ManagedProcess} from '../../contracts/process-manager.js'
import {YardError} from '../../errors.js'
import {type FollowerNeeds, type FollowerSettings, HostFollower, messageOf} from './host-follower.js'

export interface SuperviseNeeds extends FollowerNeeds {
  signal: AbortSignal
  identity: LockIdentity
}

const tickMillis = 200
const renewMillis = 5_000
const retryMillis = 2_000
/** However quiet the watch is, the whole is compared again this often. */
const reconcileMillis = 30_000
const lockMillis = 15_000

/**
 * Holds this host to the catalog until the signal aborts, then ends what runs here. `onReady` is called once
 * everything the catalog wants runs and HAProxy answers.
 * @throws YardError E_LOCKED when another one is at work on this host.
 */
export async function supervise(
  needs: SuperviseNeeds,
  settings: FollowerSettings,
  onReady: () => void,
): Promise<{stopped: ManagedProcess[]}> {
  const {catalog, clock, identity, signal} = needs
  const lock = await acquireLock(catalog, clock, identity, {
    name: supervisorLock(settings.environment.name, settings.host),
    purpose: 'yard up',
    ttlMillis: lockMillis,
  })
  const follower = new HostFollower(needs, settings)
  try {
    await follower.follow()
    onReady()
    await followChanges(needs, settings, follower, AbortSignal.any([signal, lock.lost]))
    if (!signal.aborted) throw lockLost(settings.environment.name)
    return {stopped: await needs.processes.list()}
  } finally {
    // A supervisor that lost its lock has a successor, and what runs here is the successor's.
    if (!lock.lost.aborted) await follower.shutDown()
    await lock.release()
  }
}

export function supervisorLock(environment: string, host: string): string {
  return `supervisor/${environment}/${host}`
}

async function followChanges(
  needs: SuperviseNeeds,
  settings: FollowerSettings,
  follower: HostFollower,
  signal: AbortSignal,
): Promise<void> {
  const {clock} = needs
  const changes = new ChangeFlag()
  const watching = watchForever(needs, settings, changes, signal)
  let followedAt = clock.monotonicMillis()
  let renewedAt = followedAt
  let retryAt = 0
  while (!signal.aborted) {
    const now = clock.monotonicMillis()
    const isDue = changes.isRaised || now - followedAt > reconcileMillis
    try {
      if (isDue && now >= retryAt) {
        changes.lower()
        await follower.follow()
        followedAt = now
      } else if (!(await follower.publish())) changes.raise()
      if (now - renewedAt > renewMillis) {
        await follower.renew()
        renewedAt = now
      }
    } catch (error) {
      changes.raise()
      retryAt = clock.monotonicMillis() + retryMillis
      await follower.reportProblem(messageOf(error)).catch(() => undefined)
    }
    const pause = clock.sleep(tickMillis, signal).catch(() => undefined)
    const isWaitingToRetry = clock.monotonicMillis() < retryAt
    await (isWaitingToRetry ? pause : Promise.race([changes.raised, pause]))
  }
  await watching
}

/** Raises the flag for every change that this host follows; a watch that ends is begun again. */
async function watchForever(
  needs: SuperviseNeeds,
  settings: FollowerSettings,
  changes: ChangeFlag,
  signal: AbortSignal,
): Promise<void> {
  const watchOne = async (prefix: string) => {
    while (!signal.aborted) {
      try {
        const {revision} = await needs.catalog.store.range(prefix)
        changes.raise()
        for await (const batch of needs.catalog.store.watch(prefix, revision, signal)) {
          changes.raise()
          if (batch.kind === 'compacted') break
        }
      } catch {
        await needs.clock.sleep(retryMillis, signal).catch(() => undefined)
      }
    }
  }
  await Promise.all([watchOne(keys.routed(settings.environment.name)), watchOne(keys.services)])
}

/** Many changes, one look at the catalog. */
class ChangeFlag {
  isRaised = false
  raised: Promise<void>
  private resolve: () => void = () => undefined

  constructor() {
    this.raised = this.next()
  }

  raise(): void {
    this.isRaised = true
    this.resolve()
  }

  lower(): void {
    this.isRaised = false
    this.raised = this.next()
  }

  private next(): Promise<void> {
    return new Promise((resolve) => (this.resolve = resolve))
  }
}

function lockLost(environment: string): YardError {
  return new YardError('E_LOCKED', {
    what: `Stopped looking after ${environment}`,
    why: 'another process took over, because this one did not answer for too long',
    next: ['yard status', 'yard up --detach'],
  })
}
