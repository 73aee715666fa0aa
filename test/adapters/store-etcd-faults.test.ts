import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {openEtcdStore} from '../../src/adapters/store-etcd/index.js'
import {type Store} from '../../src/contracts/store.js'
import {eventually, increment, put} from '../contracts/store-actions.js'
import {failureOf} from '../fakes/failure-of.js'
import {type Cluster, etcdMissing, startCluster} from '../support/etcd/cluster.js'

const missing = etcdMissing()
const withEtcd = missing === undefined ? test : test.skip

let cluster: Cluster
let warnings: string[]
const opened: Store[] = []

beforeEach(async () => {
  warnings = []
  if (missing === undefined) cluster = await startCluster()
})

afterEach(async () => {
  if (missing !== undefined) return
  for (const member of cluster.endpoints.keys()) cluster.resume(member)
  await Promise.all(opened.splice(0).map((store) => store.close()))
  await cluster.stop()
})

async function open(callTimeoutMillis = 5_000): Promise<Store> {
  const warn = (text: string) => void warnings.push(text)
  const store = await openEtcdStore({
    endpoints: cluster.endpoints,
    namespace: 'faults/',
    warn,
    callTimeoutMillis,
  })
  opened.push(store)
  return store
}

/** Several programs that count and write without a pause, until told to stop. */
interface Writers {
  readonly acknowledged: Map<string, string>
  readonly increments: number
  /** The longest time in which nothing at all was acknowledged. */
  readonly longestGapMillis: number
  stop(): Promise<void>
}

async function startWriters(count: number): Promise<Writers> {
  const acknowledged = new Map<string, string>()
  let increments = 0
  let isStopped = false
  let lastAt = performance.now()
  let longestGapMillis = 0
  const note = () => {
    longestGapMillis = Math.max(longestGapMillis, performance.now() - lastAt)
    lastAt = performance.now()
  }
  const write = async (store: Store, writer: number) => {
    for (let index = 0; !isStopped; index++) {
      const [key, value] = [`/written/${writer}/${index % 50}`, String(index)]
      await put(store, key, value)
      acknowledged.set(key, value)
      note()
      await increment(store, '/count')
      increments += 1
      note()
    }
  }
  const stores = await Promise.all(Array.from({length: count}, () => open()))
  const ends = Promise.all(stores.map(write))
  ends.catch(() => (isStopped = true))
  return {
    acknowledged,
    get increments() {
      return increments
    },
    get longestGapMillis() {
      return longestGapMillis
    },
    async stop() {
      isStopped = true
      await ends
    },
  }
}

async function expectExactly(writers: Writers): Promise<void> {
  const store = await open()
  const {entries} = await store.range('/written/')
  expect(new Map(entries.map(({key, value}) => [key, value]))).toEqual(writers.acknowledged)
  expect(Number((await store.get('/count'))?.value)).toBe(writers.increments)
}

async function countTo(writers: Writers, more: number): Promise<void> {
  const target = writers.increments + more
  await eventually(async () => writers.increments >= target)
}

describe(`a member of etcd${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  withEtcd('that leads is killed under writes: they go on within 5 s, each exactly once', async () => {
    const writers = await startWriters(4)
    await countTo(writers, 100)
    await cluster.kill(await cluster.leader())
    await countTo(writers, 200)
    await writers.stop()

    expect(writers.longestGapMillis).toBeLessThan(5_000)
    await expectExactly(writers)
  })

  withEtcd(
    'that is stopped, each in turn: writes go on, and what it held back is not done again',
    async () => {
      const writers = await startWriters(4)
      for (const member of cluster.endpoints.keys()) {
        await countTo(writers, 30)
        cluster.pause(member)
        await countTo(writers, 60)
        cluster.resume(member)
        await cluster.settled()
      }
      await countTo(writers, 30)
      await writers.stop()

      expect(writers.longestGapMillis).toBeLessThan(5_000)
      await expectExactly(writers)
    },
  )
})

describe(`two of three members of etcd${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  withEtcd(
    'are gone: writes fail in time with the reasons, reads go on and say once that they can be stale',
    async () => {
      const store = await open(2_000)
      await put(store, '/a', 'x')
      await put(store, '/b', 'y')
      await cluster.kill(0)
      await cluster.kill(1)

      const begun = performance.now()
      const error = await failureOf(() => put(store, '/a', 'z'))
      expect(performance.now() - begun).toBeLessThan(10_000)
      expect(error).toMatchObject({code: 'E_CATALOG_UNREACHABLE', exitCode: 4})
      expect(error.why).toContain(`${cluster.endpoints[0]!} refused the connection`)
      expect(error.why).toContain(`${cluster.endpoints[2]!} didn't answer within`)

      expect((await store.get('/b'))?.value).toBe('y')
      expect((await store.range('/')).entries.map(({key}) => key)).toEqual(['/a', '/b'])
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toContain('out of date')

      const health = await store.health()
      expect(health.map(({name}) => name)).toEqual(cluster.endpoints)
      expect(health.map(({isHealthy}) => isHealthy)).toEqual([false, false, false])
      expect(health[0]?.detail).toBe('refused the connection')
    },
  )

  withEtcd(
    'come back: a write whose outcome was unknown happened once or never, and new ones work',
    async () => {
      const store = await open(2_000)
      await put(store, '/count', '0')
      await cluster.kill(0)
      await cluster.kill(1)
      await failureOf(() => increment(store, '/count'))
      await cluster.restart(0)
      await cluster.restart(1)
      await cluster.settled()
      const before = Number((await store.get('/count'))?.value)
      await increment(store, '/count')

      expect([0, 1]).toContain(before)
      expect((await store.get('/count'))?.value).toBe(String(before + 1))
    },
  )
})

describe(`all members of etcd${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  withEtcd('are gone: every call says so soon, and names each', async () => {
    const store = await open()
    for (const member of cluster.endpoints.keys()) await cluster.kill(member)

    const begun = performance.now()
    const calls = [
      () => store.get('/a'),
      () => store.range('/'),
      () => put(store, '/a', ''),
      () => store.grantLease(1_000),
    ]
    for (const call of calls) {
      const error = await failureOf(call)
      expect(error).toMatchObject({code: 'E_CATALOG_UNREACHABLE', exitCode: 4})
      for (const endpoint of cluster.endpoints) expect(error.why).toContain(`${endpoint} refused`)
    }
    expect(performance.now() - begun).toBeLessThan(10_000)
    expect(warnings).toEqual([])
  })
})

describe(`a request${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  withEtcd('that is larger than etcd takes is a mistake of the user, and nothing is written', async () => {
    const store = await open()
    for (const size of [1_600_000, 3_000_000]) {
      const error = await failureOf(() => put(store, '/large', 'x'.repeat(size)))
      expect(error).toMatchObject({code: 'E_USAGE', exitCode: 2})
    }
    expect(await store.get('/large')).toBeUndefined()
  })

  withEtcd('whose receipt somebody removed is done all the same', async () => {
    const store = await open()
    await put(store, '/a', '1')
    const first = Buffer.from('faults/\0').toString('base64')
    const last = Buffer.from('faults/\u0001').toString('base64')
    await cluster.ask(0, 'kv/deleterange', {key: first, range_end: last})

    await put(store, '/a', '2')
    expect((await store.get('/a'))?.value).toBe('2')
  })

  withEtcd('leaves nothing of its own behind once the store is closed', async () => {
    const store = await open()
    await put(store, '/a', '1')
    await store.transact([], [{delete: '/a'}, {delete: '/b'}])
    await store.close()

    const all = {key: 'AA==', range_end: 'AA=='}
    expect((await cluster.ask(0, 'kv/range', all))['kvs']).toBeUndefined()
  })
})
