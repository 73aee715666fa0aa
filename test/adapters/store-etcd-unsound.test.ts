import {createServer} from 'node:http'

import {afterEach, describe, expect, test} from '@jest/globals'

import {type EtcdStoreOptions, openEtcdStore} from '../../src/adapters/store-etcd/index.js'
import {type WatchBatch} from '../../src/contracts/store.js'
import {eventually, never, put, take} from '../contracts/store-actions.js'
import {failureOf} from '../fakes/failure-of.js'
import {
  deleteEvent,
  putEvent,
  type Script,
  type ScriptedGateway,
  startScriptedGateway,
} from '../support/etcd/scripted-gateway.js'

const closing: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(script: Partial<Script>): Promise<ScriptedGateway> {
  const gateway = await startScriptedGateway({
    clusterId: '1',
    revision: 100,
    count: () => 0,
    newest: 0,
    onWatch: () => undefined,
    ...script,
  })
  closing.push(() => gateway.close())
  return gateway
}

async function open(
  gateway: ScriptedGateway,
  reconcileMillis = 60_000,
  more: Partial<EtcdStoreOptions> = {},
) {
  const store = await openEtcdStore({
    ...more,
    endpoints: [gateway.endpoint],
    namespace: '',
    reconcileMillis,
    callTimeoutMillis: 1_500,
  })
  closing.push(() => store.close())
  return store
}

const revisionsOf = (batches: WatchBatch[]) => batches.map(({revision}) => revision)

describe('a watch on an etcd that is not sound', () => {
  test('tells nothing twice when the server goes back in time', async () => {
    const gateway = await start({
      onWatch: (_, {send}) => {
        send({events: [putEvent('/a', 5, 5), putEvent('/a', 5, 6)]})
        send({events: [putEvent('/a', 5, 5), putEvent('/a', 5, 7)]})
      },
    })
    const store = await open(gateway)

    expect(revisionsOf(await take(store.watch('', 0, never), 3))).toEqual([5, 6, 7])
  })

  test('resumes after the last event, not after the revision in a header', async () => {
    const gateway = await start({
      onWatch: (from, {send, end}) => {
        const first = [putEvent('/a', 1, 1), putEvent('/a', 1, 2), putEvent('/a', 1, 3)]
        send({events: from > 3 ? [putEvent('/a', 1, 4)] : first})
        if (from <= 3) end()
      },
    })
    const store = await open(gateway)

    expect(revisionsOf(await take(store.watch('', 0, never), 4))).toEqual([1, 2, 3, 4])
    expect(gateway.starts).toEqual([1, 4])
  })

  test('tells a revision that comes in pieces as one batch, also when the first piece is lost', async () => {
    const gateway = await start({
      onWatch: (_, {send, end}) => {
        send({fragment: true, events: [putEvent('/a', 1, 1), putEvent('/b', 2, 2)]})
        if (gateway.starts.length === 1) end()
        else send({events: [putEvent('/a', 1, 2)]})
      },
    })
    const store = await open(gateway)
    const batches = await take(store.watch('', 0, never), 2)

    expect(revisionsOf(batches)).toEqual([1, 2])
    expect(batches[1]).toMatchObject({changes: [{entry: {key: '/a'}}, {entry: {key: '/b'}}]})
  })

  test('subscribes again when the newest change does not come', async () => {
    const gateway = await start({
      revision: 9,
      newest: 9,
      count: () => 1,
      onWatch: (from, {send}) => {
        if (gateway.starts.length === 1) send({events: [putEvent('/a', 8, 8)]})
        else send({events: [putEvent('/a', 8, 9)]})
        expect(from).toBe(gateway.starts.length === 1 ? 1 : 9)
      },
    })
    const store = await open(gateway, 300)

    expect(revisionsOf(await take(store.watch('', 0, never), 2))).toEqual([8, 9])
  })

  test('subscribes again when the newest delete does not come', async () => {
    const gateway = await start({
      revision: 9,
      newest: 8,
      count: (revision) => (revision === 8 ? 2 : 1),
      onWatch: (_, {send}) => {
        if (gateway.starts.length === 1) send({events: [putEvent('/a', 8, 8), putEvent('/b', 8, 8)]})
        else send({events: [deleteEvent('/a', 9)]})
      },
    })
    const store = await open(gateway, 300)

    expect(revisionsOf(await take(store.watch('', 0, never), 2))).toEqual([8, 9])
  })

  test('lets the reader list again when a delete in between was dropped', async () => {
    const gateway = await start({
      revision: 9,
      newest: 9,
      count: () => 1,
      onWatch: (_, {send}) => {
        send({events: [putEvent('/a', 7, 7), putEvent('/b', 9, 9)]})
      },
    })
    const store = await open(gateway, 300)
    const batches = await take(store.watch('', 0, never), 5)

    expect(batches.map(({kind}) => kind)).toEqual(['changes', 'changes', 'compacted'])
  })

  test('lets the reader list again when another cluster answers', async () => {
    const gateway = await start({
      onWatch: (_, {send, end}) => {
        send({events: [putEvent('/a', 1, 1)]})
        gateway.script.clusterId = '2'
        end()
      },
    })
    const store = await open(gateway)

    expect((await take(store.watch('', 0, never), 5)).map(({kind}) => kind)).toEqual(['changes', 'compacted'])
  })

  test('lets the reader list again when the store is behind what was read: an older copy', async () => {
    const gateway = await start({
      revision: 50,
      onWatch: (_, {send}) => {
        send({events: [putEvent('/a', 51, 51)]})
      },
    })
    const store = await open(gateway, 300)

    expect((await take(store.watch('', 0, never), 5)).map(({kind}) => kind)).toEqual(['changes', 'compacted'])
  })

  test('goes on after a line that is no JSON, and after an error in the stream', async () => {
    const gateway = await start({
      onWatch: (from, {send, sendLine, end}) => {
        send({events: [putEvent('/a', 1, from)]})
        if (from === 1) sendLine('{"error":{"grpc_code":14,"message":"etcdserver: no leader"}}')
        if (from === 2) sendLine('<html>')
        if (from > 2) end()
      },
    })
    const store = await open(gateway)

    expect(revisionsOf(await take(store.watch('', 0, never), 3))).toEqual([1, 2, 3])
  })

  test('with an outdated token, which etcd calls forbidden, asks for a new one; one that is forbidden says so', async () => {
    const denied = 'rpc error: code = PermissionDenied desc = etcdserver: permission denied'
    let refusals = 1
    const gateway = await start({
      onWatch: (_, {send}) => {
        if (refusals > 0) send({canceled: true, cancel_reason: denied})
        else send({events: [putEvent('/a', 1, 1)]})
        refusals -= 1
      },
    })
    const user = {name: 'yard', password: 'x'}

    const store = await open(gateway, 60_000, {user})
    expect(revisionsOf(await take(store.watch('', 0, never), 1))).toEqual([1])
    refusals = 1_000
    expect(await failureOf(() => take(store.watch('', 0, never), 1))).toMatchObject({code: 'E_CATALOG_AUTH'})
    const nobody = await open(gateway)
    expect(await failureOf(() => take(nobody.watch('', 0, never), 1))).toMatchObject({code: 'E_CATALOG_AUTH'})
  })

  test('ends at once when its signal aborts or its store closes, whatever it waits for', async () => {
    const gateway = await start({})
    const store = await open(gateway)
    const stop = new AbortController()
    const waiting = [take(store.watch('', 0, stop.signal), 1), take(store.watch('', 0, never), 1)]
    await eventually(async () => gateway.starts.length === 2)
    const begun = performance.now()
    stop.abort()
    expect(await waiting[0]).toEqual([])
    await store.close()
    expect(await waiting[1]).toEqual([])
    expect(performance.now() - begun).toBeLessThan(5_000)
  })
})

describe('something else than etcd', () => {
  test.each([
    ['a number that no program can hold', () => ({header: {revision: '99999999999999999999'}})],
    ['no header', () => ({kvs: []})],
    ['an error that is none', () => ({error: null})],
    ['entries that are none', () => ({header: {revision: '1'}, kvs: 'none'})],
    ['bytes that are none', () => ({header: {revision: '1'}, kvs: [{key: 7}]})],
  ])('that answers with %s is not believed', async (_, answer) => {
    const server = createServer((__, response) => response.end(JSON.stringify(answer())))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    const {port} = server.address() as {port: number}
    const store = await openEtcdStore({
      endpoints: [`127.0.0.1:${port}`],
      namespace: '',
      callTimeoutMillis: 500,
    })
    closing.push(() => store.close())

    for (const call of [() => store.range(''), () => put(store, '/a', '')]) {
      expect(await failureOf(call)).toMatchObject({code: 'E_CATALOG_UNREACHABLE', exitCode: 4})
    }
  })
})

describe('an address of a member', () => {
  test.each(['', 'host', 'host:', 'host:0', 'host:99999', 'http://host:1', 'a b:1', 'host:1/x', '::1:2379'])(
    '%j is refused',
    async (name) => {
      expect(await failureOf(openEtcdStore({endpoints: [name], namespace: ''}))).toMatchObject({
        code: 'E_CATALOG_URL',
        exitCode: 2,
      })
    },
  )

  test('may be a name, an IPv4 or an IPv6 address; none at all is refused', async () => {
    const store = await openEtcdStore({
      endpoints: ['localhost:2379', '10.0.0.1:1', '[::1]:65535'],
      namespace: '/team',
    })
    expect(store.url).toBe('etcd://localhost:2379,10.0.0.1:1,[::1]:65535/team')
    await store.close()
    const secure = await openEtcdStore({endpoints: ['a:1'], namespace: '/team', tls: {}})
    expect(secure.url).toBe('etcds://a:1/team')
    await secure.close()
    expect(await failureOf(openEtcdStore({endpoints: [], namespace: ''}))).toMatchObject({
      code: 'E_CATALOG_URL',
    })
  })
})
