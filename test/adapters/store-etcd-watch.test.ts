import {afterAll, afterEach, beforeAll, describe, expect, test} from '@jest/globals'

import {openEtcdStore} from '../../src/adapters/store-etcd/index.js'
import {type Store, type WatchBatch} from '../../src/contracts/store.js'
import {eventually, put, revisionOf, take} from '../contracts/store-actions.js'
import {type Cluster, etcdMissing, startCluster} from '../support/etcd/cluster.js'
import {type CuttingProxy, startCuttingProxy} from '../support/etcd/cutting-proxy.js'

const missing = etcdMissing()
const withEtcd = missing === undefined ? test : test.skip

let cluster: Cluster
let namespaces = 0
const closing: (() => Promise<void>)[] = []

beforeAll(async () => {
  if (missing === undefined) cluster = await startCluster()
})

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

afterAll(async () => {
  if (missing === undefined) await cluster.stop()
})

async function open(
  namespace: string,
  endpoints = cluster.endpoints,
  reconcileMillis = 60_000,
): Promise<Store> {
  const store = await openEtcdStore({endpoints, namespace, reconcileMillis})
  closing.push(() => store.close())
  return store
}

async function openProxy(): Promise<CuttingProxy> {
  const proxy = await startCuttingProxy(cluster.endpoints[0]!)
  closing.push(() => proxy.close())
  return proxy
}

function newNamespace(): string {
  namespaces += 1
  return `watched-${namespaces}/`
}

interface Heard {
  readonly values: string[]
  readonly batches: WatchBatch[]
  stop(): Promise<void>
}

/** Follows a store, keeping the values that were put. */
function listen(store: Store, fromRevision: number): Heard {
  const values: string[] = []
  const batches: WatchBatch[] = []
  const signal = new AbortController()
  const end = (async () => {
    for await (const batch of store.watch('', fromRevision, signal.signal)) {
      batches.push(batch)
      if (batch.kind === 'compacted') return
      for (const change of batch.changes) if (change.kind === 'put') values.push(change.entry.value)
    }
  })()
  return {
    values,
    batches,
    async stop() {
      signal.abort()
      await end
    },
  }
}

/** Puts so many numbers, one after the other in large steps, and returns them as they should be heard. */
async function putNumbers(store: Store, count: number, first = 0): Promise<string[]> {
  const numbers = Array.from({length: count}, (_, index) => String(first + index))
  for (const number of numbers) await put(store, '/number', number)
  return numbers
}

describe(`a watch on etcd${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  withEtcd(
    'that is cut again and again while it catches up hears all 5,001 changes once, in order',
    async () => {
      const namespace = newNamespace()
      const writer = await open(namespace)
      const from = await revisionOf(writer)
      const expected = await putNumbers(writer, 5_000)
      const proxy = await openProxy()
      proxy.cutAfter(200_000)
      const heard = listen(await open(namespace, [proxy.endpoint]), from)

      await eventually(async () => heard.values.length > 100)
      await put(writer, '/number', 'last')
      await eventually(async () => heard.values.includes('last'), 50_000)
      await heard.stop()

      expect(heard.values).toEqual([...expected, 'last'])
      expect(proxy.connections).toBeGreaterThan(4)
    },
  )

  withEtcd('goes on when its connection was cut, and what was written meanwhile comes', async () => {
    const namespace = newNamespace()
    const writer = await open(namespace)
    const proxy = await openProxy()
    const heard = listen(await open(namespace, [proxy.endpoint]), await revisionOf(writer))
    const expected = await putNumbers(writer, 5)
    await eventually(async () => heard.values.length === 5)
    proxy.shut()
    expected.push(...(await putNumbers(writer, 5, 5)))
    proxy.open()
    await eventually(async () => heard.values.length >= 10)
    await heard.stop()

    expect(heard.values).toEqual(expected)
  })

  withEtcd('whose history was compacted while it was cut off says so and ends', async () => {
    const namespace = newNamespace()
    const writer = await open(namespace)
    const proxy = await openProxy()
    const heard = listen(await open(namespace, [proxy.endpoint]), await revisionOf(writer))
    await putNumbers(writer, 1)
    await eventually(async () => heard.values.length === 1)
    proxy.shut()
    await putNumbers(writer, 10, 1)
    await cluster.compact()
    proxy.open()
    await eventually(async () => heard.batches.length === 2)

    expect(heard.batches[1]).toEqual({kind: 'compacted', revision: await revisionOf(writer)})
    await heard.stop()
  })

  withEtcd(
    'whose next change is a delete at the very revision of a compaction does not lose it',
    async () => {
      const store = await open(newNamespace())
      await put(store, '/a', '')
      const before = await revisionOf(store)
      const {revision} = await store.transact([], [{delete: '/a'}])
      await cluster.compact(revision)

      const [batch] = await take(store.watch('', before, new AbortController().signal), 1)
      expect(batch).toEqual({kind: 'compacted', revision})
    },
  )

  withEtcd('whose reader sleeps through a compaction has no gap', async () => {
    const namespace = newNamespace()
    const writer = await open(namespace)
    const from = await revisionOf(writer)
    await putNumbers(writer, 3)
    const batches = writer.watch('', from, new AbortController().signal)[Symbol.asyncIterator]()
    await batches.next()
    await putNumbers(writer, 20, 3)
    await cluster.compact()

    const revisions: number[] = []
    for (let index = 0; index < 22; index++) {
      const {value} = (await batches.next()) as {value: WatchBatch}
      if (value.kind === 'compacted') break
      revisions.push(value.revision)
    }
    await batches.return?.()
    expect(revisions).toEqual(revisions.map((_, index) => from + 2 + index))
  })

  withEtcd('on a member that is stopped goes on at another one', async () => {
    const namespace = newNamespace()
    const writer = await open(namespace)
    const from = await revisionOf(writer)
    const listeners = await Promise.all(
      Array.from({length: 6}, async () => listen(await open(namespace), from)),
    )
    const expected = await putNumbers(writer, 3)
    await eventually(async () => listeners.every(({values}) => values.length === 3))
    for (const member of cluster.endpoints.keys()) {
      cluster.pause(member)
      try {
        expected.push(...(await putNumbers(writer, 3, expected.length)))
        await eventually(async () => listeners.every(({values}) => values.length >= expected.length), 30_000)
      } finally {
        cluster.resume(member)
      }
      await cluster.settled()
    }
    await Promise.all(listeners.map((listener) => listener.stop()))

    for (const {values} of listeners) expect(values).toEqual(expected)
  })

  withEtcd('goes on after all members were killed and started again', async () => {
    const namespace = newNamespace()
    const writer = await open(namespace)
    const from = await revisionOf(writer)
    const listeners = await Promise.all(
      Array.from({length: 6}, async () => listen(await open(namespace), from)),
    )
    const expected = await putNumbers(writer, 10)
    for (const member of cluster.endpoints.keys()) await cluster.kill(member)
    await Promise.all([...cluster.endpoints.keys()].map((member) => cluster.restart(member)))
    await cluster.settled()
    expected.push(...(await putNumbers(writer, 10, 10)))
    await eventually(async () => listeners.every(({values}) => values.length >= 20), 30_000)
    await Promise.all(listeners.map((listener) => listener.stop()))

    for (const {values} of listeners) expect(values).toEqual(expected)
  })

  withEtcd('on a member that lost the others, although it answers, goes on at another one', async () => {
    const namespace = newNamespace()
    const writer = await open(namespace)
    const heard = listen(await open(namespace), await revisionOf(writer))
    const expected = await putNumbers(writer, 1)
    await eventually(async () => heard.values.length === 1)
    for (const member of cluster.endpoints.keys()) {
      const others = [...cluster.endpoints.keys()].filter((other) => other !== member)
      // Only this one is left, and it can't lead; then the others come back, and it goes.
      for (const other of others) await cluster.kill(other)
      await cluster.restart(others[0]!)
      await cluster.restart(others[1]!)
      await cluster.settled()
      expected.push(...(await putNumbers(writer, 1, expected.length)))
    }
    await eventually(async () => heard.values.length >= expected.length, 30_000)
    await heard.stop()

    expect(heard.values).toEqual(expected)
  })

  withEtcd('leaves a key that is no text out, and goes on', async () => {
    const namespace = newNamespace()
    const store = await open(namespace)
    const from = await revisionOf(store)
    const key = Buffer.concat([Buffer.from(`${namespace}/bad-`), Buffer.from([0xff])]).toString('base64')
    await cluster.ask(0, 'kv/put', {key, value: 'AA=='})
    await put(store, '/good', '')

    expect((await take(store.watch('', from, new AbortController().signal), 1))[0]).toMatchObject({
      changes: [{entry: {key: '/good'}}],
    })
    expect((await store.range('')).entries.map((entry) => entry.key)).toEqual(['/good'])
  })
})
