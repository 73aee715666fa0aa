import {afterEach, beforeEach, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {SystemClock} from '../../src/adapters/clock-system/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {AwayStore} from '../fakes/away-store.js'
import {MemoryFiles} from '../fakes/files.js'
import {
  instanceKey,
  instanceWrite,
  routedCatalog,
  serviceWrites,
  wipe,
  writeAll,
} from '../fakes/routed-world.js'
import {type Cluster, etcdMissing, startCluster} from '../support/etcd/cluster.js'
import {closeAll, follow, instancesOf, openStore, waitUntil} from '../support/followed-etcd.js'
import {history, playHistory} from '../support/routed-histories.js'

const missing = etcdMissing()
const withEtcd = missing === undefined ? test : test.skip
const why = missing === undefined ? '' : ` (skipped: ${missing})`

let cluster: Cluster

beforeEach(async () => {
  if (missing === undefined) cluster = await startCluster()
})

afterEach(async () => {
  await closeAll()
  if (missing === undefined) await cluster.stop()
})

withEtcd(
  `H12 a catalog that is wiped in etcd is not followed, and records that come back are${why}`,
  async () => {
    const store = await openStore(cluster.endpoints)
    await routedCatalog({billing: 3, orders: 2}, store)
    const following = await follow(await openStore(cluster.endpoints))
    await wipe(store)
    await waitUntil(() => following.follower.state().suspects.length >= 2)
    await waitUntil(() => following.follower.state().records === 0)
    expect(instancesOf(following)).toHaveLength(5)
    expect(following.follower.state().facts.bindings).toHaveLength(2)

    await writeAll(
      store,
      ['billing', 'orders'].flatMap((name) =>
        serviceWrites(new Catalog(store), name, name === 'billing' ? 3 : 2),
      ),
    )
    await waitUntil(() =>
      following.follower.state().suspects.every((line) => line.startsWith('the environment')),
    )
  },
)

withEtcd(
  `H12 60 % of a service removed in one transaction is held; a drain of all of it is obeyed at once${why}`,
  async () => {
    const store = await openStore(cluster.endpoints)
    const catalog = await routedCatalog({billing: 5, orders: 5}, store)
    const following = await follow(await openStore(cluster.endpoints))
    await store.transact(
      [],
      [1, 2, 3].map((host) => ({delete: instanceKey('billing', host)})),
    )
    await waitUntil(() => following.follower.state().suspects.length === 1)
    expect(instancesOf(following, 'billing')).toHaveLength(5)
    expect(following.follower.state().suspects[0]).toMatch(/^billing: 3 of 5 instances vanished at/)

    await store.transact(
      [],
      [1, 2, 3, 4, 5].map((host) => instanceWrite(catalog, 'orders', host, {state: 'draining'})),
    )
    const isDraining = () =>
      following.follower
        .state()
        .facts.instances.filter(({service}) => service === 'orders')
        .every(({state}) => state === 'draining')
    await waitUntil(isDraining)
  },
)

withEtcd(`H12 half of the instances whose lease runs out at once are held${why}`, async () => {
  const store = await openStore(cluster.endpoints)
  const catalog = await routedCatalog({billing: 2}, store)
  const lease = await store.grantLease(2_000)
  const leased = [3, 4].map((host) => ({
    ...(instanceWrite(catalog, 'billing', host) as {put: string; value: string}),
    lease,
  }))
  await store.transact([], leased)
  const following = await follow(await openStore(cluster.endpoints))
  expect(instancesOf(following)).toHaveLength(4)
  await waitUntil(() => following.follower.state().suspects.length === 1)
  expect(instancesOf(following)).toHaveLength(4)
})

withEtcd(
  `H10 random histories on etcd end equal to a fresh list${why}`,
  async () => {
    let count = 0
    await fc.assert(
      fc.asyncProperty(history, async (happenings) => {
        const inner = await openStore(cluster.endpoints, `history-${(count += 1)}/`)
        const clock = new RacingClock()
        const stage = {
          ...{store: new AwayStore(inner), clock, files: new MemoryFiles()},
          pass: (millis: number) => clock.pass(millis),
          compact: async () => {
            await cluster.compact()
          },
        }
        await playHistory(stage, happenings).finally(() => inner.close())
      }),
      {numRuns: 5},
    )
  },
  300_000,
)

withEtcd(`H9 a bad record in etcd is named, and its last good version followed${why}`, async () => {
  const store = await openStore(cluster.endpoints)
  const catalog = await routedCatalog({billing: 2, orders: 1}, store)
  const following = await follow(await openStore(cluster.endpoints))
  const key = instanceKey('billing', 1)
  await store.transact([], [{put: key, value: JSON.stringify({v: 1, port: 99_999})}])
  await waitUntil(() => following.follower.state().bad.length === 1)
  expect(following.follower.state().bad[0]?.key).toBe(key)
  await store.transact([], [instanceWrite(catalog, 'orders', 2)])
  await waitUntil(() => instancesOf(following).length === 4)
})

/** Time runs as fast as the store answers: a minute of waiting takes half a second. */
class RacingClock extends SystemClock {
  private readonly factor = 120
  private readonly begun = performance.now()

  override monotonicMillis(): number {
    return (performance.now() - this.begun) * this.factor
  }

  override sleep(millis: number, signal?: AbortSignal): Promise<void> {
    return super.sleep(millis / this.factor, signal)
  }

  /** What is written must have come through, too. */
  async pass(millis: number): Promise<void> {
    await this.sleep(Math.max(millis, 4_000))
  }
}
