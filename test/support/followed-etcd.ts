import {SystemClock} from '../../src/adapters/clock-system/index.js'
import {openEtcdStore} from '../../src/adapters/store-etcd/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {type YardEvent} from '../../src/contracts/report.js'
import {type Store} from '../../src/contracts/store.js'
import {CatalogFollower} from '../../src/lifecycle/sidecar/catalog-follower.js'
import {eventually} from '../contracts/store-actions.js'
import {MemoryFiles} from '../fakes/files.js'
import {environment} from '../fakes/routed-world.js'
import {type CuttingProxy, startCuttingProxy} from './etcd/cutting-proxy.js'

/** Where followers save their state. */
export const savedState = '/state'

const closing: (() => unknown)[] = []

/** Closes at the end what a test opened. */
export function later(close: () => unknown): void {
  closing.push(close)
}

export async function closeAll(): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close()
}

export async function openStore(endpoints: readonly string[], namespace = 'followed/'): Promise<Store> {
  const store = await openEtcdStore({endpoints, namespace, callTimeoutMillis: 2_000})
  later(() => store.close())
  return store
}

export async function openProxy(endpoint: string): Promise<CuttingProxy> {
  const proxy = await startCuttingProxy(endpoint)
  later(() => proxy.close())
  return proxy
}

export interface Following {
  follower: CatalogFollower
  events: YardEvent[]
  end: AbortController
}

/** Follows the environment of the store until `closeAll`. */
export async function follow(store: Store, files = new MemoryFiles()): Promise<Following> {
  const end = new AbortController()
  later(() => end.abort())
  const events: YardEvent[] = []
  const follower = new CatalogFollower(
    {
      catalog: new Catalog(store),
      clock: new SystemClock(),
      files,
      report: (event) => void events.push(event),
    },
    {environment, stateFile: savedState},
  )
  await follower.start(end.signal)
  return {follower, events, end}
}

export function instancesOf({follower}: Following, service?: string): string[] {
  const {instances} = follower.state().facts
  return instances.filter((one) => service === undefined || one.service === service).map(({id}) => id)
}

/** The weights of all instances that are followed, by their ids. */
export function followedInstances({follower}: Following): Map<string, number | undefined> {
  return new Map(follower.state().facts.instances.map(({id, weight}) => [id, weight]))
}

async function storedInstances(store: Store): Promise<Map<string, number | undefined>> {
  const {records} = await new Catalog(store).instances.list(keys.instances(environment))
  return new Map(records.map(({record}) => [record.id, record.weight]))
}

/** Waits until the store's instances are followed, no more and no less. */
export async function endsEqual(following: Following, store: Store, timeoutMillis = 5_000): Promise<void> {
  const stored = await storedInstances(store)
  await eventually(async () => {
    const followed = followedInstances(following)
    return followed.size === stored.size && [...stored].every(([id, weight]) => followed.get(id) === weight)
  }, timeoutMillis)
}

export async function waitUntil(isTrue: () => boolean, timeoutMillis = 20_000): Promise<void> {
  await eventually(async () => isTrue(), timeoutMillis)
}
