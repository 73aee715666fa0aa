import {afterAll, afterEach, beforeAll, describe, expect, test} from '@jest/globals'

import {type EtcdStoreOptions, openEtcdStore} from '../../src/adapters/store-etcd/index.js'
import {type Store} from '../../src/contracts/store.js'
import {eventually, put, take} from '../contracts/store-actions.js'
import {failureOf} from '../fakes/failure-of.js'
import {type Cluster, etcdMissing, etcdTlsMissing, rootUser, startCluster} from '../support/etcd/cluster.js'

const missing = etcdMissing()
const tlsMissing = etcdTlsMissing()
const withUsers = missing === undefined ? test : test.skip
const withTls = tlsMissing === undefined ? test : test.skip
const never = new AbortController().signal
const opened: Store[] = []

afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()))
})

async function openAt(cluster: Cluster, options: Partial<EtcdStoreOptions>): Promise<Store> {
  const store = await openEtcdStore({endpoints: cluster.endpoints, namespace: 'yard/', ...options})
  opened.push(store)
  return store
}

describe(`etcd with users${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const yard = {name: 'yard', password: 'a password: "with" everything, ü'}
  const guest = {name: 'guest', password: 'guest'}
  let cluster: Cluster

  beforeAll(async () => {
    if (missing !== undefined) return
    cluster = await startCluster({
      users: [
        {...yard, prefix: 'yard/'},
        {...guest, prefix: 'guest/'},
      ],
    })
  })
  afterAll(() => (missing === undefined ? cluster.stop() : undefined))

  withUsers('takes a right password: reads, writes, leases and watches', async () => {
    const store = await openAt(cluster, {user: yard})
    const lease = await store.grantLease(5_000)
    const revision = await put(store, '/a', 'x', lease)

    expect((await store.get('/a'))?.value).toBe('x')
    expect(await take(store.watch('/', revision - 1, never), 1)).toHaveLength(1)
    expect(await store.renewLease(lease)).toBe(true)
    expect((await store.health()).every(({isHealthy}) => isHealthy)).toBe(true)
  })

  withUsers('refuses a wrong password, and a missing one, for every call', async () => {
    const wrong = await openAt(cluster, {user: {...yard, password: 'secret-guess'}})
    const nobody = await openAt(cluster, {})
    for (const store of [wrong, nobody]) {
      for (const call of [
        () => store.get('/a'),
        () => put(store, '/a', 'y'),
        () => take(store.watch('', 0, never), 1),
      ]) {
        expect(await failureOf(call)).toMatchObject({code: 'E_CATALOG_AUTH', exitCode: 4})
      }
    }
    const error = await failureOf(() => wrong.get('/a'))
    expect(error.why).toBe('etcd doesn\'t accept the user "yard" with this password')
    // A URL with a user in it is refused.
    expect(error.next).toEqual([expect.stringContaining('YARD_CATALOG_USER=')])
    expect(JSON.stringify([error, error.message, String(error.cause)])).not.toContain('secret-guess')
    expect((await failureOf(() => nobody.get('/a'))).why).toContain('none were given')
  })

  withUsers('refuses what the role does not permit', async () => {
    const store = await openAt(cluster, {user: guest})
    for (const call of [
      () => store.get('/a'),
      () => put(store, '/a', 'y'),
      () => take(store.watch('', 0, never), 1),
    ]) {
      const error = await failureOf(call)
      expect(error).toMatchObject({code: 'E_CATALOG_AUTH', exitCode: 4})
      expect(error.why).toContain('"guest"')
    }
  })

  withUsers('that permit the catalog only, not what is beside it, can be written all the same', async () => {
    const store = await openAt(cluster, {user: yard, namespace: ''})
    await put(store, 'yard/b', 'x')
    await store.transact([], [{delete: 'yard/b'}])

    expect(await store.get('yard/b')).toBeUndefined()
  })

  withUsers('forgets tokens when a member starts again: calls and watches go on', async () => {
    const store = await openAt(cluster, {user: yard})
    const from = (await store.range('')).revision
    const batches = store.watch('', from, never)[Symbol.asyncIterator]()
    const first = batches.next()
    await put(store, '/c', '1')
    await first
    for (const member of cluster.endpoints.keys()) await cluster.kill(member)
    await Promise.all([...cluster.endpoints.keys()].map((member) => cluster.restart(member)))
    await cluster.settled()

    const second = batches.next()
    for (let round = 0; round < 4; round++) await put(store, '/c', `again ${round}`)
    expect((await second).value).toMatchObject({changes: [{entry: {value: 'again 0'}}]})
    await batches.return?.()
  })

  withUsers('whose tokens were all withdrawn give new ones: calls go on', async () => {
    const store = await openAt(cluster, {user: yard})
    for (let round = 0; round < 3; round++) {
      await put(store, '/e', String(round))
      await cluster.ask(0, 'auth/user/changepw', yard)
      expect((await store.get('/e'))?.value).toBe(String(round))
    }
  })

  withUsers('that change their password are refused from then on, and taken with the new one', async () => {
    const store = await openAt(cluster, {user: yard})
    await put(store, '/d', '1')
    await cluster.ask(0, 'auth/user/changepw', {name: yard.name, password: 'new'})

    await eventually(async () => (await store.get('/d').catch((error: unknown) => error)) instanceof Error)
    const changed = await openAt(cluster, {user: {...yard, password: 'new'}})
    expect((await changed.get('/d'))?.value).toBe('1')
    await cluster.ask(0, 'auth/user/changepw', yard)
  })
})

describe(`etcd without users${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  withUsers('is used without a password, and says so', async () => {
    const cluster = await startCluster({members: 1})
    try {
      const warnings: string[] = []
      const store = await openAt(cluster, {user: rootUser, warn: (text) => void warnings.push(text)})
      await put(store, '/a', 'x')
      expect(warnings).toHaveLength(1)
    } finally {
      await cluster.stop()
    }
  })
})

describe(`etcd with certificates${tlsMissing === undefined ? '' : ` (skipped: ${tlsMissing})`}`, () => {
  let cluster: Cluster
  let plain: Cluster
  beforeAll(async () => {
    if (tlsMissing !== undefined) return
    cluster = await startCluster({tls: true})
    plain = await startCluster({members: 1})
  })
  afterAll(async () => {
    if (tlsMissing !== undefined) return
    await cluster.stop()
    await plain.stop()
  })

  /** What a client needs to be let in. */
  function right(): NonNullable<EtcdStoreOptions['tls']> {
    const {ca, client} = cluster.certificates!
    return {ca, certificate: client.certificate, key: client.key}
  }

  withTls('takes a client that its authority signed: reads, writes and watches', async () => {
    const store = await openAt(cluster, {tls: right()})
    const revision = await put(store, '/a', 'x')

    expect((await store.get('/a'))?.value).toBe('x')
    expect(await take(store.watch('/', revision - 1, never), 1)).toHaveLength(1)
    expect((await store.health()).every(({isHealthy}) => isHealthy)).toBe(true)
  })

  withTls('is refused or refuses, with a reason, whatever is wrong about the certificates', async () => {
    const {otherCa, otherClient, ca} = cluster.certificates!
    const wrong: [Partial<EtcdStoreOptions>, string][] = [
      [{tls: {...right(), ca: otherCa}}, 'shows a certificate that none of the trusted authorities signed'],
      [{tls: {ca}}, 'wants a client certificate, and none was given'],
      [{tls: {ca, ...otherClient}}, "doesn't accept the client certificate"],
      [{tls: {...right(), serverName: 'etcd.example.com'}}, 'shows a certificate for another name'],
      [{}, 'hung up without a word, as one does that speaks TLS'],
      [
        {tls: right(), endpoints: plain.endpoints},
        'hung up without a word, as one does that speaks plain HTTP',
      ],
    ]
    for (const [options, reason] of wrong) {
      const begun = performance.now()
      const store = await openAt(cluster, options)
      for (const call of [() => store.get('/a'), () => put(store, '/a', 'y')]) {
        const error = await failureOf(call)
        expect(error).toMatchObject({code: 'E_CATALOG_UNREACHABLE', exitCode: 4})
        expect(error.why).toContain(reason)
      }
      expect(performance.now() - begun).toBeLessThan(6_000)
    }
  })

  withTls('is not asked with certificates that can not be used', async () => {
    const {otherClient} = cluster.certificates!
    const wrong: [EtcdStoreOptions['tls'], string][] = [
      [{...right(), key: otherClient.key}, 'the client certificate does not belong to the key'],
      [{...right(), key: 'no key'}, 'the key of the client certificate is no readable PEM text'],
      [{...right(), certificate: 'none'}, 'the client certificate is no readable PEM text'],
      [{...right(), ca: 'none'}, 'the certificate of the authority is no readable PEM text'],
    ]
    for (const [tls, why] of wrong) {
      expect(await failureOf(openAt(cluster, {tls: tls!}))).toMatchObject({code: 'E_CATALOG_AUTH', why})
    }
  })

  withTls('is found by the name in its certificates', async () => {
    const store = await openAt(cluster, {tls: {...right(), serverName: 'localhost'}})

    expect(await store.get('/none')).toBeUndefined()
  })
})
