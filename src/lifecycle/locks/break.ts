import {unchanged} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {parseName, printable} from '../../domain/names.js'
import {nearestWord} from '../../domain/nearest.js'
import {YardError} from '../../errors.js'
import {type ListedLock, type LockListNeeds, readLock} from './list.js'

export interface LockBreakNeeds extends LockListNeeds {
  /** Returns once a person agreed to break this very lock. @throws YardError E_NOT_CONFIRMED */
  confirm: (lock: ListedLock) => Promise<void>
}

export interface LockBreakRequest {
  /** The lock under which this service is deployed to the environment … */
  service: string | undefined
  environment: string
  /** … or any lock by its full name. */
  name: string | undefined
  dryRun: boolean
}

export interface LockBreakReport {
  dryRun: boolean
  lock: ListedLock
}

/**
 * Takes a lock away from its holder, whose next guarded write is refused then. Only the very lock that was confirmed
 * is broken: one that changed hands meanwhile stays.
 * @throws YardError E_USAGE, E_NAME_INVALID, E_LOCK_UNKNOWN, E_NOT_CONFIRMED, E_CONFLICT
 */
export async function breakLock(needs: LockBreakNeeds, request: LockBreakRequest): Promise<LockBreakReport> {
  const {catalog} = needs
  const name = nameOf(request)
  const key = keys.lock(name)
  const entry = await catalog.store.get(key)
  if (entry === undefined) throw await unknownLock(needs, name)
  const lock = await readLock(needs, entry)
  if (request.dryRun) return {dryRun: true, lock}
  await needs.confirm(lock)
  if ((await catalog.attempt([unchanged(key, entry)], [{delete: key}])) === false) throw changed(name)
  // Its holder hears of it at the next renewal, and not only at the next guarded write.
  if (entry.lease !== undefined) await catalog.store.revokeLease(entry.lease)
  return {dryRun: false, lock}
}

function nameOf({environment, name, service}: LockBreakRequest): string {
  if (name !== undefined && service === undefined) return name
  if (name === undefined && service !== undefined) {
    return `deploy/${parseName('environment', environment)}/${parseName('service', service)}`
  }
  throw new YardError('E_USAGE', {
    what: "Can't tell which lock to break",
    why: 'it is named either by a service or by --name',
    next: ['yard lock list', 'yard lock break billing --env staging'],
  })
}

async function unknownLock({catalog}: LockListNeeds, name: string): Promise<YardError> {
  const {entries} = await catalog.store.range(keys.locks)
  const held = entries.map(({key}) => key.slice(keys.locks.length))
  const nearest = nearestWord(name, held)
  const shown = held.slice(0, 5).map((each) => printable(each))
  const more = held.length > shown.length ? ` and ${held.length - shown.length} more` : ''
  return new YardError('E_LOCK_UNKNOWN', {
    what: `There's no lock ${printable(name)} to break`,
    why:
      held.length === 0
        ? 'nobody holds any lock'
        : nearest === undefined
          ? `those that are held are ${shown.join(', ')}${more}`
          : `did you mean ${printable(nearest)}?`,
    next: ['yard lock list'],
    details: {lock: name, held: held.slice(0, 100)},
  })
}

function changed(name: string): YardError {
  return new YardError('E_CONFLICT', {
    what: `Can't break the lock ${printable(name)}`,
    why: 'it changed hands, or was given back, since it was shown',
    next: ['yard lock list'],
  })
}
