import {type Catalog} from '../../catalog/catalog.js'
import {absent, unchanged} from '../../catalog/collection.js'
import {findEnvironment, findHost} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {reportBad} from '../../catalog/report-bad.js'
import {readRouted, type RoutedSnapshot} from '../../catalog/snapshot.js'
import {type Clock} from '../../contracts/clock.js'
import {type Report} from '../../contracts/report.js'
import {type HostDrain} from '../../domain/environment.js'
import {remindOfPush} from '../push/remind.js'

export interface DrainNeeds {
  catalog: Catalog
  clock: Clock
  report: Report
  actor: string
  /** Returns once a person agreed to a change of a protected environment. @throws YardError E_NOT_CONFIRMED */
  confirmProtected: (change: {environment: string; purpose: string}) => Promise<void>
}

export interface DrainRequest {
  environment: string
  host: string
  declaredEnvironments: readonly string[]
  dryRun: boolean
  /** Who asks for it brings it to the hosts. */
  isPushed?: boolean
}

export interface DrainReport {
  host: string
  environment: string
  outcome: 'drained' | 'enabled' | 'unchanged'
  dryRun: boolean
  /** Since when it is drained, and by whom. */
  drain?: Pick<HostDrain, 'since' | 'by'>
  /** Its instances that get new requests otherwise. */
  instances: string[]
  /** Services that no other host serves: their callers get errors while the host is drained. */
  unserved: string[]
}

/**
 * Takes a host out of the traffic: its instances finish what they have, go on running and get nothing new. The routers
 * follow within moments.
 * @throws YardError E_NAME_INVALID, E_ENVIRONMENT_UNKNOWN, E_HOST_UNKNOWN, E_NOT_CONFIRMED
 */
export async function drainHost(needs: DrainNeeds, request: DrainRequest): Promise<DrainReport> {
  const {actor, catalog, clock} = needs
  const {dryRun} = request
  const facts = await readFacts(needs, request)
  const {environment, host} = facts
  const key = keys.hostDrain(environment, host)
  const drain: HostDrain = {v: 1, host, environment, since: clock.now().toISOString(), by: actor}
  let isConfirmed = dryRun
  for (;;) {
    const stored = await findHost(catalog, environment, host)
    const present = await catalog.hostDrains.get(key)
    if (present !== undefined) return {...facts, outcome: 'unchanged', dryRun, drain: partsOf(present.record)}
    const report = {...facts, outcome: 'drained' as const, dryRun, drain: partsOf(drain)}
    if (dryRun) return report
    if (!isConfirmed) await needs.confirmProtected({environment, purpose: `drain ${host} in ${environment}`})
    isConfirmed = true
    const entry = await catalog.store.get(key)
    const compares = [
      unchanged(keys.host(environment, host), stored),
      entry === undefined ? absent(key) : unchanged(key, entry),
    ]
    if ((await catalog.attempt(compares, [catalog.hostDrains.put(key, drain)])) === false) continue
    if (request.isPushed !== true) await remindOfPush(needs, environment)
    return report
  }
}

/**
 * Gives a drained host its traffic back.
 * @throws YardError E_NAME_INVALID, E_ENVIRONMENT_UNKNOWN, E_HOST_UNKNOWN, E_NOT_CONFIRMED
 */
export async function enableHost(needs: DrainNeeds, request: DrainRequest): Promise<DrainReport> {
  const {catalog} = needs
  const {dryRun} = request
  const facts = {...(await readFacts(needs, request)), unserved: []}
  const {environment, host} = facts
  const key = keys.hostDrain(environment, host)
  let isConfirmed = dryRun
  for (;;) {
    // Also a record that can't be read: to be rid of it is what the person asked for.
    const entry = await catalog.store.get(key)
    if (entry === undefined) return {...facts, outcome: 'unchanged', dryRun}
    const report = {...facts, outcome: 'enabled' as const, dryRun}
    if (dryRun) return report
    if (!isConfirmed) await needs.confirmProtected({environment, purpose: `enable ${host} in ${environment}`})
    isConfirmed = true
    if ((await catalog.attempt([unchanged(key, entry)], [{delete: key}])) === false) continue
    await remindOfPush(needs, environment)
    return report
  }
}

async function readFacts(
  {catalog, report}: DrainNeeds,
  request: DrainRequest,
): Promise<Pick<DrainReport, 'environment' | 'host' | 'instances' | 'unserved'>> {
  const {name: environment} = await findEnvironment(
    catalog,
    request.environment,
    request.declaredEnvironments,
  )
  const {record} = await findHost(catalog, environment, request.host)
  const routed = await readRouted(catalog, environment)
  reportBad(report, routed.bad)
  return {environment, host: record.name, ...trafficOf(routed, record.name)}
}

/** What gets requests on a host, and which of it only there. */
function trafficOf(routed: RoutedSnapshot, host: string): Pick<DrainReport, 'instances' | 'unserved'> {
  const active = new Map(routed.bindings.map(({record}) => [record.service, record.active]))
  const drained = new Set(routed.drains.map(({record}) => record.host))
  const serving = routed.instances
    .map(({record}) => record)
    .filter(
      ({port, release, service, state}) =>
        state === 'up' && port !== undefined && active.get(service) === release,
    )
  const here = serving.filter((instance) => instance.host === host)
  const elsewhere = new Set(
    serving
      .filter((instance) => instance.host !== host && !drained.has(instance.host))
      .map(({service}) => service),
  )
  const unserved = [...new Set(here.map(({service}) => service))].filter((service) => !elsewhere.has(service))
  return {instances: here.map(({id}) => id), unserved}
}

function partsOf({by, since}: HostDrain): {since: string; by: string} {
  return {since, by}
}
