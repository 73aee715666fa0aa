import * as v from 'valibot'

import {type StoreEntry} from '../contracts/store.js'
import {name as nameSchema} from '../domain/schema.js'
import {type Catalog} from './catalog.js'
import {type BadRecord, Collection, type Stored} from './collection.js'
import {keys} from './keys.js'

export type RoutedKindName =
  | 'bindings'
  | 'consumers'
  | 'environments'
  | 'hostDrains'
  | 'hosts'
  | 'instances'
  | 'lossAcceptances'
  | 'maintenances'
  | 'publicRoutes'
  | 'services'

/** A kind of record that routing needs: where it is, and how it's read. */
interface RoutedKind {
  name: RoutedKindName
  prefix: string
  /** The prefix is the whole key: there is one of it. */
  isOne: boolean
  /** Below `keys.routed`. */
  isRouted: boolean
  read: (entry: StoreEntry) => Stored<unknown> | BadRecord
}

interface Reader<T> {
  readAll: (entries: readonly StoreEntry[]) => {records: Stored<T>[]; bad: BadRecord[]}
}

/** Of a consumer only who calls whom is needed, nothing that opens a door. */
const pairSchema = v.object({service: nameSchema, consumer: nameSchema})

/** All kinds there are for one environment; those that change most come first. */
export function routedKinds(catalog: Catalog, environment: string): RoutedKind[] {
  const routed = keys.routed(environment)
  const pairs = new Collection(catalog.store, pairSchema)
  /** The key must be exactly the one of its content: two keys would else be the same record. */
  const kind = <T>(
    name: RoutedKindName,
    prefix: string,
    reader: Reader<T>,
    keyOf: (record: T) => string,
  ): RoutedKind => ({
    name,
    prefix,
    isOne: !prefix.endsWith('/'),
    isRouted: prefix.startsWith(routed),
    read: (entry) => {
      const {bad, records} = reader.readAll([entry])
      const [stored] = records
      if (stored === undefined) return bad[0] ?? {key: entry.key, why: "can't be read"}
      if (keyOf(stored.record) === entry.key) return stored
      return {key: entry.key, why: 'its content says that it belongs to another key'}
    },
  })
  return [
    kind('instances', keys.instances(environment), catalog.instances, ({service, id}) =>
      keys.instance(environment, service, id),
    ),
    kind('bindings', keys.bindings(environment), catalog.bindings, ({service}) =>
      keys.binding(environment, service),
    ),
    kind('services', keys.services, catalog.services, ({name}) => keys.service(name)),
    kind('publicRoutes', keys.publicRoutes(environment), catalog.publicRoutes, ({host, path}) =>
      keys.publicRoute(environment, host, path),
    ),
    kind('hostDrains', keys.hostDrains(environment), catalog.hostDrains, ({host}) =>
      keys.hostDrain(environment, host),
    ),
    kind('maintenances', keys.maintenances(environment), catalog.maintenances, ({service}) =>
      keys.maintenance(environment, service),
    ),
    kind('lossAcceptances', keys.lossAcceptance(environment), catalog.lossAcceptances, () =>
      keys.lossAcceptance(environment),
    ),
    kind('hosts', keys.hosts(environment), catalog.hosts, ({name}) => keys.host(environment, name)),
    kind('environments', keys.environment(environment), catalog.environments, ({name}) =>
      keys.environment(name),
    ),
    kind('consumers', keys.consumers, pairs, ({consumer, service}) => keys.consumer(service, consumer)),
  ]
}
