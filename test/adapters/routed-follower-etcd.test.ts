import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {MemoryFiles} from '../fakes/files.js'
import {instanceKey, instanceWrite, routedCatalog} from '../fakes/routed-world.js'
import {type Cluster, etcdMissing, startCluster} from '../support/etcd/cluster.js'
import {
  closeAll,
  endsEqual,
  follow,
  followedInstances,
  instancesOf,
  later,
  openProxy,
  openStore,
  savedState,
  waitUntil,
} from '../support/followed-etcd.js'

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
  `H10 a stream that is cut again and again, also during catch-up and with compactions, ends equal to a fresh list${why}`,
  async () => {
    const direct = await openStore(cluster.endpoints)
    const catalog = await routedCatalog({billing: 40}, direct)
    const proxy = await openProxy(cluster.endpoints[0]!)
    const following = await follow(await openStore([proxy.endpoint]))
    // An event takes some 600 bytes on the wire: so each stream is cut after about a thousand.
    proxy.cutAfter(600_000)
    for (let round = 0; round < 50; round++) {
      const writes = Array.from({length: 40}, (_, index) =>
        instanceWrite(catalog, 'billing', index + 1, {weight: (round * 7 + index) % 256}),
      )
      await direct.transact([], writes)
      if (round === 20) proxy.shut()
      if (round === 30) await cluster.compact()
      if (round === 35) proxy.open()
    }
    proxy.open()
    await endsEqual(following, direct, 20_000)
    expect(following.follower.state().suspects).toEqual([])
    expect(proxy.connections).toBeGreaterThan(2)
  },
)

withEtcd(
  `H11 with all members down the routes stay; what changed meanwhile is followed soon after${why}`,
  async () => {
    const store = await openStore(cluster.endpoints)
    const catalog = await routedCatalog({billing: 3}, store)
    const following = await follow(await openStore(cluster.endpoints))
    for (const member of [0, 1, 2]) await cluster.kill(member)
    await waitUntil(() => following.follower.state().staleSince !== undefined, 40_000)
    expect(instancesOf(following)).toHaveLength(3)
    expect(following.follower.state().problem).toMatch(/no member of etcd answers/)

    await Promise.all([0, 1, 2].map((member) => cluster.restart(member)))
    await cluster.settled()
    await store.transact([], [instanceWrite(catalog, 'billing', 4)])
    await endsEqual(following, store, 10_000)
    await waitUntil(() => following.follower.state().staleSince === undefined)
  },
)

withEtcd(`H11 a sidecar that starts with etcd down has its saved state at once${why}`, async () => {
  await routedCatalog({billing: 3}, await openStore(cluster.endpoints))
  const files = new MemoryFiles()
  const first = await follow(await openStore(cluster.endpoints), files)
  await waitUntil(() => files.contents.has(savedState))
  first.end.abort()
  for (const member of [0, 1, 2]) await cluster.kill(member)

  const begun = performance.now()
  const second = await follow(await openStore(cluster.endpoints), files)
  expect(performance.now() - begun).toBeLessThan(3_000)
  expect(instancesOf(second)).toHaveLength(3)
  expect(second.follower.state().staleSince).toBeDefined()
})

withEtcd(
  `H11 without a quorum a sidecar says so, and believes no member that may be behind${why}`,
  async () => {
    const store = await openStore(cluster.endpoints)
    const catalog = await routedCatalog({billing: 3}, store)
    await cluster.kill(0)
    await store.transact([], [instanceWrite(catalog, 'billing', 4)])
    const following = await follow(await openStore(cluster.endpoints))
    await cluster.kill(1)
    await cluster.kill(2)
    // The one that is left missed the fourth instance.
    void cluster.restart(0).catch(() => undefined)
    await waitUntil(() => following.follower.state().staleSince !== undefined, 40_000)
    expect(instancesOf(following)).toHaveLength(4)
    await Promise.all([1, 2].map((member) => cluster.restart(member)))
    await waitUntil(() => following.follower.state().staleSince === undefined, 40_000)
    expect(instancesOf(following)).toHaveLength(4)
    expect(following.follower.state().suspects).toEqual([])
  },
)

withEtcd(`H11 what was compacted while a sidecar was cut off is listed${why}`, async () => {
  const direct = await openStore(cluster.endpoints)
  const catalog = await routedCatalog({billing: 3, orders: 3}, direct)
  const proxy = await openProxy(cluster.endpoints[0]!)
  const following = await follow(await openStore([proxy.endpoint]))
  proxy.shut()
  await direct.transact([], [{delete: instanceKey('billing', 1)}, instanceWrite(catalog, 'orders', 4)])
  await cluster.compact()
  await direct.transact([], [instanceWrite(catalog, 'orders', 5)])
  expect(instancesOf(following)).toHaveLength(6)
  proxy.open()
  await endsEqual(following, direct, 20_000)
})

withEtcd(`H11 another cluster with an older state is followed, and what it lacks is held${why}`, async () => {
  const proxy = await openProxy(cluster.endpoints[0]!)
  const store = await openStore(cluster.endpoints)
  const catalog = await routedCatalog({billing: 3, orders: 2}, store)
  for (let round = 0; round < 30; round++) {
    await store.transact([], [instanceWrite(catalog, 'billing', 1, {weight: round})])
  }
  const files = new MemoryFiles()
  const first = await follow(await openStore([proxy.endpoint]), files)
  await waitUntil(() => files.contents.has(savedState))
  first.end.abort()
  // The catalog of the same name in another cluster: restored from a backup of before `orders` was there.
  const other = await startCluster({members: 1})
  later(() => other.stop())
  await routedCatalog({billing: 3, search: 1}, await openStore(other.endpoints))

  const following = await follow(await openStore(other.endpoints), files)
  await waitUntil(() => instancesOf(following, 'search').length === 1)
  expect(instancesOf(following, 'orders')).toHaveLength(2)
  expect(followedInstances(following).get('billing-r1@web-1')).toBeUndefined()
  expect(following.follower.state().suspects.join()).toContain('orders: all 2 instances vanished')
})
