import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {type Store, type Write} from '../../src/contracts/store.js'
import {type Instance} from '../../src/domain/instance.js'
import {aBinding, aHost, anEnvironment, anInstance, aRelease, aService} from './records.js'

export const environment = 'staging'

/** Writes for one service with so many instances of release 1 on hosts of their own. */
export function serviceWrites(catalog: Catalog, service: string, instances: number): Write[] {
  return [
    catalog.services.put(keys.service(service), aService({name: service})),
    catalog.releases.put(keys.release(service, 1), aRelease({service, environment})),
    catalog.bindings.put(keys.binding(environment, service), aBinding({service})),
    ...Array.from({length: instances}, (_, index) => instanceWrite(catalog, service, index + 1)),
  ]
}

export function instanceWrite(
  catalog: Catalog,
  service: string,
  host: number,
  changes: Partial<Instance> = {},
): Write {
  const instance = anInstance({
    ...{service, environment, host: `web-${host}`, address: `10.0.0.${host}`, port: portOf(service, host)},
    ...changes,
  })
  return catalog.instances.put(keys.instance(environment, service, instance.id), instance)
}

/** Services that share hosts don't share ports there. */
export function portOf(service: string, host: number): number {
  const number = Array.from(service).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 800, 0)
  return 21_000 + number * 50 + host
}

export function instanceKey(service: string, host: number, release = 1): string {
  return keys.instance(environment, service, `${service}-r${release}@web-${host}`)
}

export function frameWrites(catalog: Catalog): Write[] {
  return [
    catalog.environments.put(keys.environment(environment), anEnvironment({name: environment})),
    catalog.hosts.put(keys.host(environment, 'web-1'), aHost({environment})),
  ]
}

/** More writes than one transaction holds. */
export async function writeAll(store: Store, writes: readonly Write[]): Promise<void> {
  for (let start = 0; start < writes.length; start += 100) {
    await store.transact([], writes.slice(start, start + 100))
  }
}

/** A catalog in memory with these services: their names and how many instances each has. */
export async function routedCatalog(
  services: Record<string, number>,
  store: Store = new MemoryStore(),
): Promise<Catalog> {
  const catalog = new Catalog(store)
  await writeAll(store, [
    ...frameWrites(catalog),
    ...Object.entries(services).flatMap(([name, count]) => serviceWrites(catalog, name, count)),
  ])
  return catalog
}

/** Deletes everything that the catalog holds, as somebody would who takes it for another. */
export async function wipe(store: Store, prefix = '/yard/'): Promise<void> {
  const {entries} = await store.range(prefix)
  await writeAll(
    store,
    entries.map(({key}) => ({delete: key})),
  )
}
