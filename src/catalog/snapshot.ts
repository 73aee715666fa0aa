import {type StoreEntry} from '../contracts/store.js'
import {type Instance} from '../domain/instance.js'
import {type Binding} from '../domain/release.js'
import {type Catalog} from './catalog.js'
import {type BadRecord, type Stored} from './collection.js'
import {keys} from './keys.js'

/** What the hosts of an environment follow, as it was at one revision. */
export interface RoutedSnapshot {
  /** A watch of `keys.routed` from here on misses nothing. */
  revision: number
  bindings: Stored<Binding>[]
  instances: Stored<Instance>[]
  /** Records that can't be trusted; they are left out, and nothing else suffers for them. */
  bad: BadRecord[]
}

/** Reads everything below `keys.routed(environment)` at one revision. */
export async function readRouted(catalog: Catalog, environment: string): Promise<RoutedSnapshot> {
  const {entries, revision} = await catalog.store.range(keys.routed(environment))
  const below = (prefix: string) => entries.filter(({key}) => key.startsWith(prefix))
  const bindings = catalog.bindings.readAll(below(keys.bindings(environment)))
  const instances = catalog.instances.readAll(below(keys.instances(environment)))
  return {
    revision,
    bindings: bindings.records,
    instances: instances.records,
    bad: [...bindings.bad, ...instances.bad, ...strangers(entries, environment)],
  }
}

function strangers(entries: readonly StoreEntry[], environment: string): BadRecord[] {
  const known = [keys.bindings(environment), keys.instances(environment)]
  return entries
    .filter(({key}) => !known.some((prefix) => key.startsWith(prefix)))
    .map(({key}) => ({key, why: 'is of a kind that this yard does not know'}))
}
