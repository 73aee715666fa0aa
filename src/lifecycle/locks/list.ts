import {type Catalog} from '../../catalog/catalog.js'
import {keys} from '../../catalog/keys.js'
import {type LockIdentity} from '../../catalog/locks.js'
import {type StoreEntry} from '../../contracts/store.js'
import {type Lock} from '../../domain/lock.js'

export interface LockListNeeds {
  catalog: Catalog
  identity: Pick<LockIdentity, 'host' | 'isAlive'>
}

export interface ListedLock {
  name: string
  /** Undefined when the record can't be trusted. */
  lock?: Lock
  /** Why the record can't be trusted. */
  bad?: string
  /** Until it is free unless its holder renews it; absent for one that nothing ends. */
  expiresInMillis?: number
  /** Whether the process that holds it lives; known only of this machine. */
  isAlive?: boolean
}

/** All locks, those with records that can't be trusted included: they keep others out, too. */
export async function listLocks(needs: LockListNeeds): Promise<ListedLock[]> {
  const {entries} = await needs.catalog.store.range(keys.locks)
  return Promise.all(entries.map((entry) => readLock(needs, entry)))
}

/** What is known of one lock. */
export async function readLock({catalog, identity}: LockListNeeds, entry: StoreEntry): Promise<ListedLock> {
  const {records, bad} = catalog.locks.readAll([entry])
  const lock = records[0]?.record
  const left = entry.lease === undefined ? undefined : await catalog.store.leaseMillisLeft(entry.lease)
  return {
    name: entry.key.slice(keys.locks.length),
    ...(lock !== undefined && {lock}),
    ...(bad[0] !== undefined && {bad: bad[0].why}),
    ...(left !== undefined && {expiresInMillis: Math.round(left)}),
    ...(lock?.host === identity.host && {isAlive: await identity.isAlive(lock)}),
  }
}
