import {type Clock} from '../contracts/clock.js'
import {type Compare} from '../contracts/store.js'
import {type Lock} from '../domain/lock.js'
import {printable} from '../domain/names.js'
import {YardError} from '../errors.js'
import {type Catalog} from './catalog.js'
import {absent, type BadRecord, stillHeld, type Stored, unchanged} from './collection.js'
import {keys} from './keys.js'

/** Who takes locks here, and how to tell whether another holder on the same machine still lives. */
export interface LockIdentity {
  holder: string
  host: string
  pid: number
  processStartedAt: string
  /** The run of a build server that this program is part of. */
  ciUrl?: string
  /** Asked only about locks of this host. False means surely dead. */
  isAlive: (lock: Lock) => boolean | Promise<boolean>
}

export interface LockRequest {
  /** Such as `deploy/local/billing`. */
  name: string
  /** Follows "Can't": `deploy billing to local`. */
  purpose: string
  /** How long the lock outlives a holder that was killed. */
  ttlMillis?: number
}

export interface HeldLock {
  /** Goes into every write that the lock guards: a lease alone does not stop a holder that slept past its time. */
  readonly fence: Compare
  /** Grows with every holder: whoever shows a smaller one has lost the lock. */
  readonly number: number
  /** Aborts when the lock is lost. */
  readonly lost: AbortSignal
  /** Gives the lock back; doing it twice is harmless. */
  release(): Promise<void>
}

const defaultTtlMillis = 30_000

/**
 * Takes a lock and keeps it until it's released or the program ends. A holder on this host that has died is
 * replaced at once; any other gone holder frees it when its lease runs out.
 * @throws YardError E_LOCKED with who holds it, since when, where, and how to break it.
 */
export async function acquireLock(
  catalog: Catalog,
  clock: Clock,
  identity: LockIdentity,
  request: LockRequest,
): Promise<HeldLock> {
  const {ttlMillis = defaultTtlMillis} = request
  const key = keys.lock(request.name)
  for (;;) {
    await clearDeadHolder(catalog, identity, request)
    const lease = await catalog.store.grantLease(ttlMillis)
    const write = catalog.locks.put(key, lockRecord(clock, identity, request, ttlMillis), lease)
    const revision = await catalog.attempt([absent(key)], [write])
    if (revision !== false)
      return keepLock(catalog, clock, {key, lease, revision, ttlMillis, name: request.name})
    await catalog.store.revokeLease(lease)
  }
}

/** Returns once the key looked free; throws while somebody who may be alive has it. */
async function clearDeadHolder(
  catalog: Catalog,
  identity: LockIdentity,
  request: LockRequest,
): Promise<void> {
  const key = keys.lock(request.name)
  const entry = await catalog.store.get(key)
  if (entry === undefined) return
  const {records, bad} = catalog.locks.readAll([entry])
  const [held] = records
  const isAbandoned = held === undefined ? entry.lease === undefined : await isDead(held, identity)
  if (!isAbandoned) throw held === undefined ? unreadable(request, bad) : locked(request, held.record)
  await catalog.attempt([unchanged(key, entry)], [{delete: key}])
}

async function isDead({record}: Stored<Lock>, identity: LockIdentity): Promise<boolean> {
  return record.host === identity.host && !(await identity.isAlive(record))
}

interface Holding {
  key: string
  name: string
  lease: string
  revision: number
  ttlMillis: number
}

function keepLock(catalog: Catalog, clock: Clock, holding: Holding): HeldLock {
  const lost = new AbortController()
  const released = new AbortController()
  const renewing = renewUntilReleased(catalog, clock, holding, released.signal).then((isLost) => {
    if (isLost) lost.abort(lockLost(holding.name))
  })
  return {
    fence: stillHeld(holding.key, holding.revision),
    number: holding.revision,
    lost: lost.signal,
    release: async () => {
      if (released.signal.aborted) return
      released.abort()
      await renewing
      await catalog.store.revokeLease(holding.lease)
    },
  }
}

/** Returns whether the lock was lost. A store that can't be reached for a while is asked again until the time is over. */
async function renewUntilReleased(
  catalog: Catalog,
  clock: Clock,
  {lease, ttlMillis}: Holding,
  released: AbortSignal,
): Promise<boolean> {
  let renewedAt = clock.monotonicMillis()
  let pauseMillis = Math.floor(ttlMillis / 3)
  for (;;) {
    const rest = clock.sleep(pauseMillis, released, {inBackground: true})
    const isOver = await rest.then(() => false).catch(() => true)
    if (isOver || released.aborted) return false
    const startedAt = clock.monotonicMillis()
    const isRenewed = await catalog.store.renewLease(lease).catch(() => undefined)
    if (isRenewed === false) return !wasReleased(released)
    pauseMillis = Math.floor(ttlMillis / (isRenewed ? 3 : 10))
    if (isRenewed) renewedAt = startedAt
    else if (clock.monotonicMillis() - renewedAt >= ttlMillis) return true
  }
}

function wasReleased(released: AbortSignal): boolean {
  return released.aborted
}

function lockRecord(
  clock: Clock,
  identity: LockIdentity,
  {name, purpose}: LockRequest,
  ttlMillis: number,
): Lock {
  const {ciUrl, holder, host, pid, processStartedAt} = identity
  return {
    v: 1,
    name,
    holder,
    host,
    pid,
    processStartedAt,
    purpose,
    since: clock.now().toISOString(),
    ...(ciUrl !== undefined && {ciUrl}),
    ttlMillis,
  }
}

/** The line that breaks a lock: by service and environment where its name is made of them. */
export function breakCommand(name: string): string {
  const [, environment, service] = /^deploy\/([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(name) ?? []
  return environment === undefined || service === undefined
    ? `yard lock break --name ${name}`
    : `yard lock break ${service} --env ${environment}`
}

function locked(request: LockRequest, lock: Lock): YardError {
  const {ciUrl, holder, host, pid, purpose, since} = lock
  const run = ciUrl === undefined ? '' : ` (${plain(ciUrl)})`
  return new YardError('E_LOCKED', {
    what: `Can't ${request.purpose}`,
    why: `${plain(holder)} holds its lock since ${since}, on ${plain(host)} with process ${pid}${run}, to ${plain(purpose)}`,
    next: [
      'wait until it is done and run the command again (a holder that was killed frees it within 40 s)',
      `${breakCommand(request.name)}   # its holder can't go on then`,
    ],
    details: {lock: request.name, holder, host, pid, purpose, since, ...(ciUrl !== undefined && {ciUrl})},
  })
}

function unreadable(request: LockRequest, [bad]: readonly BadRecord[]): YardError {
  return new YardError('E_LOCKED', {
    what: `Can't ${request.purpose}`,
    why: `somebody holds its lock ${request.name}, and the record of it can't be trusted (${bad?.why ?? 'no reason'})`,
    next: [
      'wait 40 s and run the command again: by then the lock is free unless its holder is alive',
      breakCommand(request.name),
    ],
    details: {lock: request.name},
  })
}

function lockLost(name: string): YardError {
  return new YardError('E_CONFLICT', {
    what: `The lock ${name} was lost`,
    why: "it wasn't renewed in time, and somebody else may have it",
    next: ['yard status', 'run the command again'],
  })
}

/** Shown as it is when it's harmless on a terminal, else quoted and escaped. */
function plain(text: string): string {
  return /^[\w@.+: /-]{1,100}$/.test(text) ? text : printable(text)
}
