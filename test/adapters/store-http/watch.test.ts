import {afterEach, expect, test} from '@jest/globals'

import {freePort} from '../../support/free-port.js'
import {type HttpStoreOptions, openHttpStore} from '../../../src/adapters/store-http/index.js'
import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {keys} from '../../../src/catalog/keys.js'
import {type Store, type WatchBatch} from '../../../src/contracts/store.js'
import {eventually, never, put, take} from '../../contracts/store-actions.js'
import {failureOf} from '../../fakes/failure-of.js'
import {serve, type Serving} from '../../server/serving.js'
import {scriptedServer} from './servers.js'

const cleanUps: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function open(url: string, options: Partial<HttpStoreOptions> = {}): Promise<Store> {
  const store = await openHttpStore({url, ...options})
  cleanUps.push(() => store.close())
  return store
}

/** Ends with the store, which the afterEach closes. */
function follow(store: Store, from: number): WatchBatch[] {
  const heard: WatchBatch[] = []
  const reading = (async () => {
    for await (const batch of store.watch(keys.services, from, never)) heard.push(batch)
  })()
  cleanUps.unshift(() => reading)
  return heard
}

test('a watch goes on through restarts of the server: nothing is missed and nothing comes twice', async () => {
  const behind = new MemoryStore()
  let serving: Serving = await serve({store: behind})
  const {port} = serving
  const token = await serving.token('ci', 'reader')
  const warnings: string[] = []
  const store = await open(serving.url, {token, warn: (text) => warnings.push(text)})
  const heard = follow(store, 0)
  const written: number[] = []
  for (let round = 0; round < 4; round++) {
    for (let index = 0; index < 10; index++)
      written.push(await put(behind, keys.service('a'), `${round}-${index}`))
    await eventually(async () => heard.length >= 10 * round + 1)
    await serving.server.drain(0)
    written.push(await put(behind, keys.service('b'), `while ${round}`))
    serving = await serve({store: behind, port})
  }
  cleanUps.push(() => serving.close())
  await eventually(async () => heard.length >= written.length)
  written.push(await put(behind, keys.service('a'), 'last'))
  await eventually(async () => heard.length >= written.length)

  expect(heard.map(({revision}) => revision)).toEqual(written)
})

test('a server that is away for a while is told once, and its return, too', async () => {
  const behind = new MemoryStore()
  const port = await freePort()
  const warnings: string[] = []
  const tokenHolder = await serve({store: behind})
  const token = await tokenHolder.token('ci', 'reader')
  await tokenHolder.server.drain(0)
  const store = await open(`http://127.0.0.1:${port}`, {token, warn: (text) => warnings.push(text)})
  const heard = follow(store, 0)
  await eventually(async () => warnings.length === 1)
  const serving = await serve({store: behind, port})
  cleanUps.push(() => serving.close())
  await put(behind, keys.service('a'), '')
  await eventually(async () => heard.length === 1)

  expect(warnings).toEqual([
    `Can't reach the catalog ${store.url}: nothing listens there (ECONNREFUSED); trying again`,
    `the catalog ${store.url} answers again`,
  ])
})

test('a connection that went silent is left for another', async () => {
  let count = 0
  const server = await scriptedServer((_request, response) => {
    count += 1
    response.writeHead(200, {'content-type': 'text/event-stream'})
    response.write(': watching\n\n')
    if (count > 1) response.write('id: 5\nevent: changes\ndata: {"revision":5,"changes":[]}\n\n')
  })
  cleanUps.push(() => server.close())
  const store = await open(server.url, {watchSilenceMillis: 200})

  expect(await take(store.watch('/', 4, never), 1)).toEqual([{kind: 'changes', revision: 5, changes: []}])
  expect(count).toBe(2)
})

test('a connection on which only pings come is kept', async () => {
  let count = 0
  let pings = 0
  const server = await scriptedServer((_request, response) => {
    count += 1
    response.writeHead(200, {'content-type': 'text/event-stream'})
    const pinging = setInterval(() => {
      pings += 1
      response.write(': ping\n\n')
    }, 50)
    response.on('close', () => clearInterval(pinging))
  })
  cleanUps.push(() => server.close())
  follow(await open(server.url, {watchSilenceMillis: 1_000}), 0)
  await eventually(async () => pings >= 40)

  expect(count).toBe(1)
})

test('what a server sends twice, or from before, is left out', async () => {
  const event = (revision: number) => `event: changes\ndata: {"revision":${revision},"changes":[]}\n\n`
  const server = await scriptedServer((_request, response) => {
    response.writeHead(200, {'content-type': 'text/event-stream'})
    response.write([4, 5, 5, 3, 6].map(event).join('') + 'event: new\ndata: {}\n\n' + event(7))
  })
  cleanUps.push(() => server.close())
  const store = await open(server.url)

  expect((await take(store.watch('/', 4, never), 3)).map(({revision}) => revision)).toEqual([5, 6, 7])
})

test('a server that accepts and ends at once is asked less and less often', async () => {
  const at: number[] = []
  const server = await scriptedServer((_request, response) => {
    at.push(performance.now())
    response.writeHead(200, {'content-type': 'text/event-stream'})
    response.end(': watching\n\nevent: closing\ndata: {}\n\n')
  })
  cleanUps.push(() => server.close())
  const store = await open(server.url)
  follow(store, 0)
  await eventually(async () => at.length === 6)

  // 100, 200, 400, 800 and 1,600 ms, each at least half.
  expect(at.at(-1)! - at[0]!).toBeGreaterThan(1_500)
})

test('an event that is none of yard’s is not believed: the watch resumes', async () => {
  let count = 0
  const server = await scriptedServer((request, response) => {
    count += 1
    response.writeHead(200, {'content-type': 'text/event-stream'})
    const from = new URL(request.url ?? '', 'http://a').searchParams.get('from')
    const bad = 'event: changes\ndata: {"revision":"6"}\n\n'
    response.write(`event: changes\ndata: {"revision":5,"changes":[]}\n\n${count === 1 ? bad : ''}`)
    if (count > 1) response.write(`event: compacted\ndata: {"revision":${Number(from) + 100}}\n\n`)
  })
  cleanUps.push(() => server.close())
  const store = await open(server.url)

  expect(await take(store.watch('/', 4, never), 5)).toEqual([
    {kind: 'changes', revision: 5, changes: []},
    {kind: 'compacted', revision: 105},
  ])
})

test('a watch ends with an error when its token is refused, at once or later', async () => {
  const serving = await serve({limits: {recheckMillis: 20}})
  cleanUps.push(() => serving.close())
  const {catalog} = serving
  const token = await serving.token('ci', 'reader')
  const store = await open(serving.url, {token})
  const failing = failureOf(take(store.watch(keys.services, 0, never), 1))
  const [stored] = (await catalog.tokens.list(keys.tokens)).records
  const record = {...stored!.record, revokedAt: '2026-11-20T13:00:00.000Z'}
  await catalog.store.transact([], [catalog.tokens.put(keys.token(record.id), record)])

  expect((await failing).code).toBe('E_CATALOG_AUTH')
  expect((await failureOf(take(store.watch(keys.services, 0, never), 1))).code).toBe('E_CATALOG_AUTH')
})
