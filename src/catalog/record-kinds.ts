import {type StoreEntry, type Write} from '../contracts/store.js'
import {type Catalog} from './catalog.js'
import {type BadRecord, type Stored} from './collection.js'
import {catalogRoot} from './keys.js'

/** A kind of record, told by its key. */
export interface RecordKind {
  /** In the plural, for people. */
  name: string
  /** Of keys below `catalogRoot`. */
  pattern: RegExp
  collection: (catalog: Catalog) => RecordCollection
  /**
   * Whether it moves to another store. What is leased or observed is true only while somebody keeps saying it
   * (statuses, agents, locks); tokens open one server, and one that was revoked must not come back with an old
   * export; the audit says what was done to this store, and a chain that can be carried elsewhere proves nothing.
   */
  isExported: boolean
}

export interface RecordCollection {
  readAll(entries: readonly StoreEntry[]): {records: Stored<unknown>[]; bad: BadRecord[]}
  put(key: string, record: unknown): Write
}

const name = '[a-z][a-z0-9-]{0,39}'
const number = '\\d{9}'

function kind(
  kindName: string,
  keyBelowRoot: string,
  collection: (catalog: Catalog) => RecordCollection,
  options: {isExported: boolean} = {isExported: true},
): RecordKind {
  return {name: kindName, pattern: new RegExp(`^${keyBelowRoot}$`), collection, ...options}
}

const staysHere = {isExported: false}

/** All kinds there are; those that are exported in the order in which an import writes them: first what others name. */
export const recordKinds: readonly RecordKind[] = [
  kind('environments', `environments/${name}`, (catalog) => catalog.environments),
  kind('hosts', `in/${name}/hosts/${name}`, (catalog) => catalog.hosts),
  kind('services', `services/${name}`, (catalog) => catalog.services),
  kind('consumers', `consumers/${name}/${name}`, (catalog) => catalog.consumers),
  kind('config values', `in/${name}/config/(?:shared|services/${name})/\\w+`, (catalog) => catalog.config),
  kind('builds', `builds/${name}/[0-9a-z-]+`, (catalog) => catalog.builds),
  kind('releases', `releases/${name}/${number}`, (catalog) => catalog.releases),
  kind('deploys', `in/${name}/deploys/${name}/${number}`, (catalog) => catalog.deploys),
  kind(
    'deploy steps',
    `in/${name}/steps/${name}/${number}/${number}-${number}`,
    (catalog) => catalog.deploySteps,
  ),
  kind('scales', `in/${name}/scales/${name}`, (catalog) => catalog.scales),
  kind('port reservations', `in/${name}/ports/${name}/\\d{1,5}`, (catalog) => catalog.ports),
  kind('host drains', `in/${name}/rt/drain/${name}`, (catalog) => catalog.hostDrains),
  kind('public routes', `in/${name}/rt/route/[a-z0-9.-]+/[^]*`, (catalog) => catalog.publicRoutes),
  kind('maintenances', `in/${name}/rt/closed/${name}`, (catalog) => catalog.maintenances),
  kind('accepted losses', `in/${name}/rt/accepted-loss`, (catalog) => catalog.lossAcceptances, staysHere),
  kind('pushed routings', `in/${name}/pushed/${name}`, (catalog) => catalog.pushedRoutings, staysHere),
  kind('instances', `in/${name}/rt/inst/${name}/[^/]+`, (catalog) => catalog.instances),
  kind('bindings', `in/${name}/rt/bind/${name}`, (catalog) => catalog.bindings),
  kind('instance statuses', `in/${name}/status/[^/]+`, (catalog) => catalog.statuses, staysHere),
  kind('agents', `in/${name}/agents/${name}`, (catalog) => catalog.agents, staysHere),
  kind('locks', 'locks/[^]+', (catalog) => catalog.locks, staysHere),
  kind('tokens', 'tokens/[0-9a-f]+', (catalog) => catalog.tokens, staysHere),
  kind('audit rows', `audit/entries/${number}`, (catalog) => catalog.auditEntries, staysHere),
  kind('audit heads', 'audit/head', (catalog) => catalog.auditHead, staysHere),
]

/** The kind of the record under this key; undefined for what no yard of this version writes. */
export function kindOf(key: string): RecordKind | undefined {
  if (!key.startsWith(catalogRoot)) return undefined
  const below = key.slice(catalogRoot.length)
  return recordKinds.find(({pattern}) => pattern.test(below))
}

export const unknownKind = 'is of a kind that this yard does not know'
