import {type StoreEntry} from '../contracts/store.js'
import {type HostDrain} from '../domain/environment.js'
import {type Instance} from '../domain/instance.js'
import {type Maintenance} from '../domain/maintenance.js'
import {type PublicRoute} from '../domain/public-route.js'
import {type Binding} from '../domain/release.js'
import {type Catalog} from './catalog.js'
import {type BadRecord, type Stored} from './collection.js'
import {keys} from './keys.js'

/** What the hosts of an environment follow, as it was at one revision. */
export interface RoutedSnapshot {
  /** How many there are of all kinds, bad ones as well. */
  records: number
  /** The same without instances that are down: when those are deleted, no request goes another way. */
  serving: number
  /** A watch of `keys.routed` from here on misses nothing. */
  revision: number
  bindings: Stored<Binding>[]
  instances: Stored<Instance>[]
  /** Hosts that an operator took out of the traffic. */
  drains: Stored<HostDrain>[]
  publicRoutes: Stored<PublicRoute>[]
  maintenances: Stored<Maintenance>[]
  /** Records that can't be trusted; they are left out, and nothing else suffers for them. */
  bad: BadRecord[]
}

/** Reads everything below `keys.routed(environment)` at one revision. */
export async function readRouted(catalog: Catalog, environment: string): Promise<RoutedSnapshot> {
  const {entries, revision} = await catalog.store.range(keys.routed(environment))
  const kinds = [
    keys.bindings(environment),
    keys.instances(environment),
    keys.hostDrains(environment),
    keys.publicRoutes(environment),
    keys.maintenances(environment),
    keys.lossAcceptance(environment),
  ]
  const [
    bindingEntries = [],
    instanceEntries = [],
    drainEntries = [],
    routeEntries = [],
    maintenanceEntries = [],
    acceptanceEntries = [],
    strangers = [],
  ] = grouped(entries, kinds)
  const bindings = catalog.bindings.readAll(bindingEntries)
  const instances = catalog.instances.readAll(instanceEntries)
  const drains = catalog.hostDrains.readAll(drainEntries)
  const publicRoutes = catalog.publicRoutes.readAll(routeEntries)
  const maintenances = catalog.maintenances.readAll(maintenanceEntries)
  const acceptances = catalog.lossAcceptances.readAll(acceptanceEntries)
  const read = [bindings, instances, drains, publicRoutes, maintenances, acceptances]
  return {
    records: entries.length,
    serving: entries.length - downIn(instances.records),
    revision,
    bindings: bindings.records,
    instances: instances.records,
    drains: drains.records,
    publicRoutes: publicRoutes.records,
    maintenances: maintenances.records,
    bad: [...read.flatMap(({bad}) => bad), ...strangers.map(unknownKind)],
  }
}

/** How many of them are down. */
export function downIn(instances: readonly Stored<Instance>[]): number {
  return instances.filter(({record}) => record.state === 'down').length
}

/** The entries below each prefix, and at the end those below none. */
function grouped(entries: readonly StoreEntry[], prefixes: readonly string[]): StoreEntry[][] {
  const groups: StoreEntry[][] = Array.from({length: prefixes.length + 1}, () => [])
  let index = 0
  for (const entry of entries) {
    // Entries are sorted, so the next one is nearly always of the same kind.
    const isNext = entry.key.startsWith(prefixes[index] ?? '\0')
    if (!isNext) index = prefixes.findIndex((prefix) => entry.key.startsWith(prefix))
    groups.at(index)?.push(entry)
  }
  return groups
}

function unknownKind({key}: StoreEntry): BadRecord {
  return {key, why: 'is of a kind that this yard does not know'}
}
