import {type Environment} from '../domain/environment.js'
import {type Binding, type Release, releaseId} from '../domain/release.js'
import {type RoutingFacts} from '../domain/routing-model.js'
import {type Catalog} from './catalog.js'
import {type BadRecord, type Stored} from './collection.js'
import {findEnvironment} from './find.js'
import {keys} from './keys.js'
import {readRouted} from './snapshot.js'

export interface ReadRoutingFacts {
  facts: RoutingFacts
  /** Of bindings, instances, drained hosts, public routes and maintenance; the rest was read right after. */
  revision: number
  /** How many of these there were, without instances that are down: a deletion shows in nothing else. */
  records: number
  /** Records that can't be trusted; they are left out. */
  bad: BadRecord[]
}

/**
 * All that the routing of an environment depends on.
 * @throws YardError E_NAME_INVALID, E_ENVIRONMENT_UNKNOWN, or E_CATALOG_CORRUPT when the environment's own record is bad.
 */
export async function readRoutingFacts(
  catalog: Catalog,
  environment: string | Environment,
): Promise<ReadRoutingFacts> {
  const found = typeof environment === 'string' ? await findEnvironment(catalog, environment) : environment
  const routed = await readRouted(catalog, found.name)
  const bindings = recordsOf(routed.bindings)
  const bad = [...routed.bad]
  const isScoped = found.router.scope === 'consumers'
  const [services, hosts, consumers, releases] = await Promise.all([
    catalog.services.list(keys.services),
    catalog.hosts.list(keys.hosts(found.name)),
    isScoped
      ? catalog.consumers.listAs(keys.consumers, ({record: {consumer, service}}) => ({consumer, service}))
      : {records: [], bad: []},
    readReleases(catalog, bindings, (record) => bad.push(record)),
  ])
  bad.push(...services.bad, ...hosts.bad, ...consumers.bad)
  return {
    facts: {
      environment: found,
      services: recordsOf(services.records),
      bindings,
      instances: recordsOf(routed.instances),
      drainedHosts: new Set(routed.drains.map(({record}) => record.host)),
      releases,
      hosts: recordsOf(hosts.records),
      publicRoutes: recordsOf(routed.publicRoutes),
      maintenances: recordsOf(routed.maintenances),
      consumers: consumers.records,
    },
    revision: routed.revision,
    records: routed.serving,
    bad,
  }
}

const readsAtOnce = 32

/** Those that have the traffic: all that were ever made may be a hundred times as many. */
async function readReleases(
  catalog: Catalog,
  bindings: readonly Binding[],
  onBad: (bad: BadRecord) => void,
): Promise<Map<string, Release>> {
  const releases = new Map<string, Release>()
  for (let first = 0; first < bindings.length; first += readsAtOnce) {
    const some = bindings.slice(first, first + readsAtOnce)
    const read = some.map(({active, service}) => catalog.releases.get(keys.release(service, active), onBad))
    for (const stored of await Promise.all(read)) {
      if (stored === undefined) continue
      releases.set(releaseId(stored.record.service, stored.record.number), stored.record)
    }
  }
  return releases
}

function recordsOf<T>(stored: readonly Stored<T>[]): T[] {
  return stored.map(({record}) => record)
}
