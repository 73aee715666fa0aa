import {type Catalog} from '../../catalog/catalog.js'
import {type Stored, unchanged} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {acquireLock, type HeldLock, type LockIdentity} from '../../catalog/locks.js'
import {portRelease} from '../../catalog/ports.js'
import {type Clock} from '../../contracts/clock.js'
import {type InstanceHost} from '../../contracts/instance-host.js'
import {type Report} from '../../contracts/report.js'
import {type Write} from '../../contracts/store.js'
import {type Traffic} from '../../contracts/traffic.js'
import {type Environment, type Host} from '../../domain/environment.js'
import {type Instance} from '../../domain/instance.js'
import {YardError} from '../../errors.js'
import {againOnConflict} from '../deploy/again-on-conflict.js'
import {untilAborted, waitUntil} from '../deploy/wait.js'

export interface RetireNeeds {
  catalog: Catalog
  clock: Clock
  report: Report
  signal: AbortSignal
  identity: LockIdentity
  /** Connects when it's first asked for something, and is closed by whoever opened it. */
  openInstanceHost: (environment: Environment, host: Host) => Promise<InstanceHost>
  trafficOf: (environment: Environment) => Promise<Traffic>
}

interface Place {
  environment: Environment
  host: Host
}

/** All instances of these services on a host, while nobody else deploys any of them. */
interface Retiring extends Place {
  needs: RetireNeeds
  locks: ReadonlyMap<string, HeldLock>
  machine: InstanceHost
  traffic: Traffic
  /** Why the machine can't be asked for anything; undefined while it can. */
  whyAway: string | undefined
  signal: AbortSignal
}

const usualDrainMillis = 30_000
const usualGraceMillis = 10_000
const followMillis = 30_000
/** Of each, the record and the port are deleted. */
const writtenAtOnce = 60

export interface Retired {
  /** Ids of what was ended and forgotten. */
  ended: string[]
  /** Ids of what was only forgotten, because the machine can't be reached. */
  forgotten: string[]
}

/**
 * Lets all instances of a host finish what they have, ends them there and forgets them. On a machine that can't be
 * reached there is nobody to end them: they are only forgotten, and a warning says so.
 * @throws YardError E_LOCKED while one of their services is deployed, E_HOST_IN_USE when a process doesn't end.
 */
export async function retireInstances(needs: RetireNeeds, place: Place): Promise<Retired> {
  const locks = new Map<string, HeldLock>()
  const machine = await needs.openInstanceHost(place.environment, place.host)
  try {
    for (const service of await servicesOn(needs.catalog, place)) {
      locks.set(service, await lockOf(needs, place, service))
    }
    const signal = AbortSignal.any([needs.signal, ...[...locks.values()].map(({lost}) => lost)])
    const whyAway = await untilAborted(signal, reasonAway(machine))
    const traffic = await needs.trafficOf(place.environment)
    return await retire({...place, needs, locks, machine, traffic, whyAway, signal})
  } finally {
    await machine.close()
    await Promise.all([...locks.values()].map((lock) => lock.release()))
  }
}

async function retire(retiring: Retiring): Promise<Retired> {
  const {host, needs, whyAway} = retiring
  const {drainMillis, graceMillis} = await patience(retiring)
  const drainUntil = new Date(needs.clock.now().getTime() + drainMillis).toISOString()
  await change(retiring, ({record}) =>
    record.state === 'up' ? [{...record, state: 'draining', drainUntil}] : [],
  )
  await follow(retiring)
  if (whyAway === undefined) await untilIdle(retiring, drainMillis)
  await change(retiring, ({record}) => (record.state === 'down' ? [] : [{...record, state: 'down'}]))
  await follow(retiring)
  if (whyAway === undefined) await end(retiring, graceMillis)
  const ids = await forget(retiring)
  if (whyAway === undefined) return {ended: ids, forgotten: []}
  if (ids.length > 0) {
    const text = `${host.name} can't be asked (${whyAway}): what still runs there of ${ids.join(', ')} has to be ended there`
    needs.report({kind: 'warning', text})
  }
  return {ended: [], forgotten: ids}
}

async function servicesOn(catalog: Catalog, {environment, host}: Place): Promise<string[]> {
  const {records} = await catalog.instances.list(keys.instances(environment.name))
  const here = records.filter(({record}) => record.host === host.name)
  return [...new Set(here.map(({record}) => record.service))].sort()
}

function lockOf(needs: RetireNeeds, {environment, host}: Place, service: string): Promise<HeldLock> {
  const name = `deploy/${environment.name}/${service}`
  const purpose = `remove ${host.name} from ${environment.name}`
  return acquireLock(needs.catalog, needs.clock, needs.identity, {name, purpose})
}

/** A machine that is gone, or was set up anew, has nothing to end. @throws YardError for what somebody can mend */
async function reasonAway(machine: InstanceHost): Promise<string | undefined> {
  try {
    await machine.statuses([])
    return undefined
  } catch (error) {
    const isGone =
      error instanceof YardError && (error.code === 'E_HOST_UNREACHABLE' || error.code === 'E_HOST_KEY')
    if (!isGone) throw error
    return error.why
  }
}

async function instancesOn({environment, host, locks, needs}: Retiring): Promise<Stored<Instance>[]> {
  const {records} = await needs.catalog.instances.list(keys.instances(environment.name))
  return records.filter(({record}) => record.host === host.name && locks.has(record.service))
}

/** The longest that a release of these instances asks for. */
async function patience(retiring: Retiring): Promise<{drainMillis: number; graceMillis: number}> {
  let [drainMillis, graceMillis] = [0, 0]
  for (const {record} of await instancesOn(retiring)) {
    const release = await retiring.needs.catalog.releases.get(keys.release(record.service, record.release))
    const drain = release?.record.drain
    const finishMillis = drain?.timeoutMillis ?? usualDrainMillis
    drainMillis = Math.max(drainMillis, finishMillis, drain?.webSocketMillis ?? 0)
    graceMillis = Math.max(graceMillis, drain?.graceMillis ?? usualGraceMillis)
  }
  return {drainMillis, graceMillis}
}

async function change(
  retiring: Retiring,
  changed: (instance: Stored<Instance>) => readonly Instance[],
): Promise<void> {
  const {catalog} = retiring.needs
  await write(retiring, (instance) =>
    changed(instance).map((record) => catalog.instances.put(keyOf(record), record)),
  )
}

/** What is to be written for each instance, as long as nobody changed it and its lock is held. @throws YardError E_CONFLICT */
async function write(
  retiring: Retiring,
  writesFor: (instance: Stored<Instance>) => readonly Write[],
): Promise<void> {
  const {environment, host, locks, needs, signal} = retiring
  await againOnConflict(async () => {
    signal.throwIfAborted()
    const present = await instancesOn(retiring)
    for (const [service, lock] of locks) {
      const wanted = present
        .filter(({record}) => record.service === service)
        .map((instance) => ({instance, writes: writesFor(instance)}))
        .filter(({writes}) => writes.length > 0)
      for (let at = 0; at < wanted.length; at += writtenAtOnce) {
        const some = wanted.slice(at, at + writtenAtOnce)
        await needs.catalog.commit(
          `Can't remove ${host.name} from ${environment.name}`,
          [lock.fence, ...some.map(({instance}) => unchanged(keyOf(instance.record), instance))],
          some.flatMap(({writes}) => writes),
        )
      }
    }
  })
}

/** Every other host hears of it, or is named. */
async function follow(retiring: Retiring): Promise<void> {
  const {environment, host, needs, signal, traffic, whyAway} = retiring
  const revision = Math.max(0, ...(await instancesOn(retiring)).map(({modRevision}) => modRevision))
  const routings = await traffic.makeLive(environment.name, revision, {
    timeoutMillis: followMillis,
    signal,
    notAwaited: whyAway === undefined ? [] : [host.name],
  })
  for (const {host: name, isLive, problem} of routings) {
    if (isLive || (name === host.name && whyAway !== undefined)) continue
    const why = problem ?? `it did not follow within ${followMillis / 1_000} s`
    needs.report({kind: 'warning', text: `${name} doesn't follow the catalog: ${why}`})
  }
}

async function untilIdle(retiring: Retiring, timeoutMillis: number): Promise<void> {
  const {needs, signal, traffic} = retiring
  const instances = (await instancesOn(retiring)).map(({record}) => record)
  await waitUntil({clock: needs.clock, timeoutMillis, signal}, async () => {
    const idle = await traffic.idle(instances)
    return instances.every(({id}) => idle.has(id)) ? true : undefined
  })
}

async function end(retiring: Retiring, graceMillis: number): Promise<void> {
  const {environment, locks, machine, signal} = retiring
  const present = (await instancesOn(retiring)).map(({record}) => record)
  for (const [service, {number}] of locks) {
    const ids = present.filter((instance) => instance.service === service).map(({id}) => id)
    if (ids.length === 0) continue
    const fence = {environment: environment.name, service, number}
    try {
      await untilAborted(signal, machine.stop({fence, ids, graceMillis}))
    } catch (error) {
      throw error instanceof YardError && error.code === 'E_STEP_FAILED'
        ? stillRunning(retiring, error)
        : error
    }
  }
}

/** Deletes records and ports. */
async function forget(retiring: Retiring): Promise<string[]> {
  const forgotten = new Set<string>()
  await write(retiring, ({record}) => {
    const {environment, host, id, port} = record
    forgotten.add(id)
    return [{delete: keyOf(record)}, ...(port === undefined ? [] : [portRelease(environment, host, port)])]
  })
  return [...forgotten]
}

function keyOf({environment, id, service}: Instance): string {
  return keys.instance(environment, service, id)
}

function stillRunning({environment, host}: Place, {why}: YardError): YardError {
  return new YardError('E_HOST_IN_USE', {
    what: `Can't remove ${host.name} from ${environment.name} yet`,
    why: `${why}; the host stays, drained`,
    next: [
      `yard hosts remove ${host.name} --env ${environment.name} --drain   # tries it again`,
      `yard hosts show ${host.name} --env ${environment.name}`,
    ],
    details: {environment: environment.name, host: host.name},
  })
}
