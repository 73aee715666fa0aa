import {type Catalog} from '../../catalog/catalog.js'
import {type Stored, unchanged} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {portRelease} from '../../catalog/ports.js'
import {type Clock} from '../../contracts/clock.js'
import {type Report} from '../../contracts/report.js'
import {type Instance} from '../../domain/instance.js'
import {YardError} from '../../errors.js'
import {waitUntil} from '../deploy/wait.js'

export interface RetireNeeds {
  catalog: Catalog
  clock: Clock
  report: Report
  signal: AbortSignal
}

interface Place {
  environment: string
  host: string
}

const usualDrainMillis = 30_000
const usualGraceMillis = 10_000
/** How much longer than it needs a step may take until the supervisor is taken for stuck. */
const slackMillis = 15_000

/**
 * Lets all instances of a host finish what they have, ends them and forgets them. Returns their ids. Where no
 * supervisor is at work, there is nobody to end them: they are forgotten, and a warning says so.
 * @throws YardError E_HOST_IN_USE when a process doesn't end in time.
 */
export async function retireInstances(needs: RetireNeeds, place: Place): Promise<string[]> {
  const {catalog, clock} = needs
  const instances = await instancesOn(catalog, place)
  const {drainMillis, graceMillis} = await patience(catalog, instances)
  const drainUntil = new Date(clock.now().getTime() + drainMillis).toISOString()
  await changeAll(needs, place, (instance) =>
    instance.state === 'up' ? {...instance, state: 'draining', drainUntil} : undefined,
  )
  await waitFor(needs, drainMillis + slackMillis, () => areDrained(catalog, place))
  const revision = await changeAll(needs, place, (instance) =>
    instance.state === 'down' ? undefined : {...instance, state: 'down'},
  )
  const isGone = await waitFor(needs, graceMillis + slackMillis, () => areGone(catalog, place, revision))
  if (!isGone) throw stillRunning(place, await instancesOn(catalog, place))
  const hasSupervisor = (await agentOf(catalog, place)) !== undefined
  const forgotten = await forget(needs, place)
  if (!hasSupervisor && forgotten.length > 0) {
    const text = `nobody looks after ${place.host}: what may still run there of ${forgotten.join(', ')} has to be ended there`
    needs.report({kind: 'warning', text})
  }
  return forgotten
}

async function instancesOn(catalog: Catalog, {environment, host}: Place): Promise<Stored<Instance>[]> {
  const {records} = await catalog.instances.list(keys.instances(environment))
  return records.filter(({record}) => record.host === host)
}

/** The longest that a release of these instances asks for. */
async function patience(
  catalog: Catalog,
  instances: readonly Stored<Instance>[],
): Promise<{drainMillis: number; graceMillis: number}> {
  let [drainMillis, graceMillis] = [0, 0]
  for (const {record} of instances) {
    const release = await catalog.releases.get(keys.release(record.service, record.release))
    drainMillis = Math.max(drainMillis, release?.record.drain.timeoutMillis ?? usualDrainMillis)
    graceMillis = Math.max(graceMillis, release?.record.drain.graceMillis ?? usualGraceMillis)
  }
  return {drainMillis, graceMillis}
}

/** Changes each instance by itself, again where a deploy was faster. Returns the last revision that was written. */
async function changeAll(
  {catalog, signal}: RetireNeeds,
  place: Place,
  change: (instance: Instance) => Instance | undefined,
): Promise<number> {
  let revision = 0
  for (;;) {
    signal.throwIfAborted()
    let isComplete = true
    for (const stored of await instancesOn(catalog, place)) {
      const changed = change(stored.record)
      if (changed === undefined) continue
      const key = keyOf(stored.record)
      const written = await catalog.attempt([unchanged(key, stored)], [catalog.instances.put(key, changed)])
      if (written === false) isComplete = false
      else revision = written
    }
    if (isComplete) return revision
  }
}

async function areDrained(catalog: Catalog, place: Place): Promise<boolean> {
  for (const {record} of await instancesOn(catalog, place)) {
    if (record.state !== 'draining') continue
    const status = await catalog.statuses.get(keys.status(place.environment, record.id))
    if (status !== undefined && status.record.drained !== true) return false
  }
  return true
}

/** A status is gone with its process, or with the supervisor that saw it; until it follows, it may not have seen it yet. */
async function areGone(catalog: Catalog, place: Place, revision: number): Promise<boolean> {
  const agent = await agentOf(catalog, place)
  if (agent !== undefined && agent.record.appliedRevision < revision) return false
  for (const {record} of await instancesOn(catalog, place)) {
    const status = await catalog.statuses.get(keys.status(place.environment, record.id))
    if (status !== undefined) return false
  }
  return true
}

/** Deletes records and ports; one that is wanted again stays. */
async function forget({catalog}: RetireNeeds, place: Place): Promise<string[]> {
  const forgotten: string[] = []
  for (const stored of await instancesOn(catalog, place)) {
    const {id, port, state} = stored.record
    if (state !== 'down') continue
    const key = keyOf(stored.record)
    const writes = [
      {delete: key},
      ...(port === undefined ? [] : [portRelease(place.environment, place.host, port)]),
    ]
    if ((await catalog.attempt([unchanged(key, stored)], writes)) !== false) forgotten.push(id)
  }
  return forgotten
}

function agentOf(catalog: Catalog, {environment, host}: Place) {
  return catalog.agents.get(keys.agent(environment, host))
}

async function waitFor(
  {clock, signal}: RetireNeeds,
  timeoutMillis: number,
  look: () => Promise<boolean>,
): Promise<boolean> {
  const seen = await waitUntil({clock, timeoutMillis, signal}, async () =>
    (await look()) ? true : undefined,
  )
  return seen === true
}

function keyOf({environment, id, service}: Instance): string {
  return keys.instance(environment, service, id)
}

function stillRunning({environment, host}: Place, instances: readonly Stored<Instance>[]): YardError {
  const ids = instances.map(({record}) => record.id)
  return new YardError('E_HOST_IN_USE', {
    what: `Can't remove ${host} from ${environment} yet`,
    why: `these processes did not end in time: ${ids.slice(0, 10).join(', ')}; the host stays, drained`,
    next: [
      `yard hosts remove ${host} --env ${environment} --drain   # waits for them again`,
      `yard hosts show ${host} --env ${environment}`,
    ],
    details: {environment, host, instances: ids.slice(0, 100)},
  })
}
