import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from '@jest/globals'

import {openEtcdStore} from '../../src/adapters/store-etcd/index.js'
import {type Store} from '../../src/contracts/store.js'
import {put} from '../contracts/store-actions.js'
import {failureOf} from '../fakes/failure-of.js'
import {type Cluster, etcdMissing, startCluster} from '../support/etcd/cluster.js'
import {type CuttingProxy, startCuttingProxy} from '../support/etcd/cutting-proxy.js'

const missing = etcdMissing()
const withEtcd = missing === undefined ? test : test.skip

let cluster: Cluster
let proxies: CuttingProxy[]
let store: Store
let stores = 0

beforeAll(async () => {
  if (missing === undefined) cluster = await startCluster()
})

beforeEach(async () => {
  if (missing !== undefined) return
  proxies = await Promise.all(cluster.endpoints.slice(0, 2).map((endpoint) => startCuttingProxy(endpoint)))
  stores += 1
  store = await openEtcdStore({
    endpoints: proxies.map(({endpoint}) => endpoint),
    namespace: `lost-${stores}/`,
    callTimeoutMillis: 3_000,
  })
})

afterEach(async () => {
  if (missing !== undefined) return
  await store.close()
  await Promise.all(proxies.map((proxy) => proxy.close()))
})

afterAll(() => (missing === undefined ? cluster.stop() : undefined))

/** What a member answers while the action runs is lost, at this one of the two. */
async function losing<T>(proxy: number, action: () => Promise<T>): Promise<T> {
  proxies[proxy]!.cutAfter(0)
  try {
    return await action()
  } finally {
    proxies[proxy]!.cutAfter(undefined)
  }
}

function lost(): number {
  return proxies.reduce((sum, {cuts}) => sum + cuts, 0)
}

describe(`a transaction whose answer is lost${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  withEtcd('succeeds once, with its revision', async () => {
    await put(store, '/count', '0')
    for (let index = 1; index <= 20; index++) {
      const entry = await store.get('/count')
      const compares = [{key: '/count', target: 'modified' as const, revision: entry!.modRevision}]
      const result = await losing(index % 2, () =>
        store.transact(compares, [{put: '/count', value: String(index)}]),
      )

      expect(result.succeeded).toBe(true)
      expect(await store.get('/count')).toMatchObject({value: String(index), modRevision: result.revision})
    }
    expect(lost()).toBeGreaterThan(5)
  })

  withEtcd('and only deletes succeeds once, whether or not the keys are there', async () => {
    for (let index = 1; index <= 10; index++) {
      await put(store, '/a', 'a')
      await put(store, '/b', 'b')
      const {modRevision} = (await store.get('/a'))!
      const compares = [{key: '/a', target: 'modified' as const, revision: modRevision}]
      const both = [{delete: '/none'}, {delete: '/b'}, {delete: '/a'}]
      const result = await losing(index % 2, () => store.transact(compares, both))
      const nothing = await losing((index + 1) % 2, () => store.transact([], both))

      expect(result.succeeded).toBe(true)
      expect(result.revision).toBeGreaterThan(modRevision)
      expect(nothing.succeeded).toBe(true)
      expect((await store.range('')).entries).toEqual([])
    }
    expect(lost()).toBeGreaterThan(5)
  })

  withEtcd('is refused once a compare does not hold', async () => {
    await put(store, '/a', 'a')
    for (let index = 0; index < 10; index++) {
      const result = await losing(index % 2, () =>
        store.transact([{key: '/a', target: 'created', revision: 0}], [{put: '/a', value: 'b'}]),
      )
      expect(result.succeeded).toBe(false)
    }
    expect(lost()).toBeGreaterThan(3)
    expect((await store.get('/a'))?.value).toBe('a')
  })

  withEtcd('is as large as may be: the outcome is called unknown, not guessed', async () => {
    const writes = Array.from({length: 128}, (_, index) => ({put: `/${index}`, value: 'x'}))
    proxies.forEach((proxy) => proxy.cutAfter(0))
    const error = await failureOf(() => store.transact([], writes))
    proxies.forEach((proxy) => proxy.cutAfter(undefined))

    expect(error.code).toBe('E_CATALOG_UNREACHABLE')
    await put(store, '/0', 'y')
    expect((await store.get('/0'))?.value).toBe('y')
  })
})

describe(`a transaction that is held up${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  withEtcd('is not done any more when it arrives after all', async () => {
    await put(store, '/a', 'before')
    for (const [index, proxy] of proxies.entries()) {
      proxy.hold()
      await put(store, '/a', `first ${index}`)
      await put(store, '/a', `second ${index}`)
      await proxy.release()

      expect((await store.get('/a'))?.value).toBe(`second ${index}`)
    }
  })
})
