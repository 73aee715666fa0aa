import type http from 'node:http'

import {afterEach, expect, test} from '@jest/globals'

import {freePort} from '../../support/free-port.js'
import {type HttpStore, type HttpStoreOptions, openHttpStore} from '../../../src/adapters/store-http/index.js'
import {keys} from '../../../src/catalog/keys.js'
import {failureOf} from '../../fakes/failure-of.js'
import {serve} from '../../server/serving.js'
import {type ScriptedServer, scriptedServer} from './servers.js'

const cleanUps: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function open(url: string, options: Partial<HttpStoreOptions> = {}): Promise<HttpStore> {
  const store = await openHttpStore({url, callTimeoutMillis: 2_000, ...options})
  cleanUps.push(() => store.close())
  return store
}

async function scripted(answer: http.RequestListener): Promise<ScriptedServer> {
  const server = await scriptedServer(answer)
  cleanUps.push(() => server.close())
  return server
}

function json(response: http.ServerResponse, status: number, value: unknown, headers = {}): void {
  response.writeHead(status, {'content-type': 'application/json', ...headers}).end(JSON.stringify(value))
}

const write = [{put: keys.service('billing'), value: '{}'}]

test('a token that the server does not accept, or that may not do this, is told as such', async () => {
  const serving = await serve()
  cleanUps.push(() => serving.close())
  const reader = await open(serving.url, {token: await serving.token('dashboard', 'reader')})
  const failures = [
    await failureOf((await open(serving.url)).get(keys.service('a'))),
    await failureOf((await open(serving.url, {token: 'yard_wrong'})).get(keys.service('a'))),
    await failureOf(reader.transact([], write)),
    await failureOf(reader.range('')),
  ]

  expect(failures.map(({code}) => code)).toEqual([
    'E_CATALOG_AUTH',
    'E_CATALOG_AUTH',
    'E_CATALOG_FORBIDDEN',
    'E_CATALOG_FORBIDDEN',
  ])
  expect(await reader.tokenName()).toBe('dashboard')
  expect(await (await open(serving.url)).tokenName()).toBeUndefined()
})

test.each([
  ['the page of a proxy', 502, 'text/html', '<html>\n<h1>502 Bad Gateway</h1>'],
  ['a page of somebody else', 200, 'text/html', '<!doctype html>'],
  ['JSON of somebody else', 200, 'application/json', '{"hello":"world"}'],
  ['broken JSON', 200, 'application/json', '{"entries":['],
  ['an entry that is none', 200, 'application/json', '{"revision":1,"entries":[{"key":1}]}'],
  [
    'an entry of another prefix',
    200,
    'application/json',
    '{"revision":1,"entries":[{"key":"/b","value":"","createRevision":1,"modRevision":1}]}',
  ],
  ['a refusal that is not yard’s', 404, 'application/json', '{"error":"not found"}'],
])('%s is no catalog', async (_, status, type, body) => {
  const {url} = await scripted((_request, response) =>
    response.writeHead(status, {'content-type': type}).end(body),
  )
  const {code, why} = await failureOf((await open(url)).range('/a'))

  expect(code).toBe('E_CATALOG_UNREACHABLE')
  expect(why).toContain(`it answers ${status} of type ${JSON.stringify(type)}`)
})

test('a token goes nowhere else, even when the server says so', async () => {
  const other = await scripted((_request, response) => json(response, 200, {}))
  const server = await scripted((_request, response) =>
    response.writeHead(307, {location: `${other.url}/v1/entry`}).end(),
  )
  const failure = await failureOf((await open(server.url, {token: 'yard_x'})).get('/a'))

  expect(failure.code).toBe('E_CATALOG_UNREACHABLE')
  expect(server.headers.authorization).toBe('Bearer yard_x')
  expect(other.asked).toEqual([])
})

test('the key of another entry is not believed', async () => {
  const entry = {key: '/b', value: '', createRevision: 1, modRevision: 1}
  const {url} = await scripted((_request, response) => json(response, 200, {entry}))

  expect((await failureOf((await open(url)).get('/a'))).code).toBe('E_CATALOG_UNREACHABLE')
})

test('where nothing listens, a write says that it was not done', async () => {
  const store = await open(`http://127.0.0.1:${await freePort()}`)
  const {code, what, why} = await failureOf(store.transact([], write))

  expect({code, what, why}).toEqual({
    code: 'E_CATALOG_UNREACHABLE',
    what: `Can't reach the catalog ${store.url}`,
    why: 'nothing listens there (ECONNREFUSED)',
  })
})

test('a write that was sent and not answered is not sent again, and says that nobody knows', async () => {
  const server = await scripted((request) => request.socket.destroy())
  const store = await open(server.url)
  const {code, what} = await failureOf(store.transact([], write))

  expect({code, what}).toEqual({
    code: 'E_CATALOG_UNREACHABLE',
    what: `Can't say whether the catalog ${server.url} has the change`,
  })
  expect(server.asked).toEqual(['POST /v1/transact'])
})

test('a read whose connection breaks is tried once more', async () => {
  const server = await scripted((request, response) => {
    if (server.asked.length === 1) request.socket.destroy()
    else json(response, 200, {})
  })

  expect(await (await open(server.url)).get('/a')).toBeUndefined()
  expect(server.asked).toHaveLength(2)
  const broken = await scripted((request) => request.socket.destroy())
  expect((await failureOf((await open(broken.url)).get('/a'))).code).toBe('E_CATALOG_UNREACHABLE')
  expect(broken.asked).toHaveLength(2)
})

test('a server that does not answer, or stops in the middle, is not waited for any longer than said', async () => {
  const silent = await scripted(() => undefined)
  const stuck = await scripted((_request, response) => {
    response.writeHead(200, {'content-type': 'application/json'})
    response.write('{"revision":')
  })
  const started = performance.now()
  const failures = await Promise.all(
    [silent, stuck].map(async ({url}) => failureOf((await open(url, {callTimeoutMillis: 300})).range('/'))),
  )

  expect(failures.map(({why}) => why)).toEqual(Array(2).fill('no answer within 0.3 s'))
  expect(performance.now() - started).toBeLessThan(5_000)
})

test('an answer that breaks off in the middle is no answer, and is asked for once more', async () => {
  const server = await scripted((_request, response) => {
    response.writeHead(200, {'content-type': 'application/json', 'content-length': 100})
    response.write('{}', () => response.destroy())
  })

  expect((await failureOf((await open(server.url)).get('/a'))).why).toContain('ECONNRESET')
  expect(server.asked).toHaveLength(2)
})

test('an answer that never ends is cut off although something always comes', async () => {
  const endless = await scripted((_request, response) => {
    response.writeHead(200, {'content-type': 'application/json'})
    const drip = setInterval(() => response.write(' '), 20)
    response.on('close', () => clearInterval(drip))
  })
  const store = await open(endless.url, {callTimeoutMillis: 200})

  expect((await failureOf(store.range('/'))).why).toMatch(/^not done within 0\.\d+ s$/)
})

test('a server that is asked too often is left alone as long as it wishes, even with a write', async () => {
  const refusal = {error: {code: 'E_CATALOG_UNREACHABLE', what: 'a', why: 'b', next: ['c']}}
  const server = await scripted((_request, response) => {
    if (server.asked.length === 1) json(response, 429, refusal, {'retry-after': '1'})
    else json(response, 200, {succeeded: true, revision: 7})
  })
  const store = await open(server.url)
  const started = performance.now()

  expect(await store.transact([], write)).toEqual({succeeded: true, revision: 7})
  expect(performance.now() - started).toBeGreaterThanOrEqual(990)
})

test('a server that wants more patience than there is gets none', async () => {
  const refusal = {error: {code: 'E_CATALOG_UNREACHABLE', what: 'a', why: 'too often', next: ['c']}}
  const {asked, url} = await scripted((_request, response) =>
    json(response, 429, refusal, {'retry-after': '60'}),
  )

  expect((await failureOf((await open(url)).get('/a'))).why).toBe('too often')
  expect(asked).toHaveLength(1)
})

test('what a server says can do nothing to a terminal', async () => {
  const refusal = {error: {code: 'E_NEW', what: 'a\u001b[2J', why: 'b\nc', next: ['d\u202e']}}
  const {url} = await scripted((_request, response) => json(response, 403, refusal))
  const {code, what, why, next} = await failureOf((await open(url)).get('/a'))

  expect({code, what, why, next}).toEqual({
    code: 'E_CATALOG_FORBIDDEN',
    what: 'a?[2J',
    why: 'b?c',
    next: ['d?'],
  })
})

test('its health names the server and what is behind it, and says what is wrong', async () => {
  const serving = await serve()
  cleanUps.push(() => serving.close())
  const store = await open(serving.url, {token: await serving.token('ci', 'reader')})

  expect(await store.health()).toEqual([
    {name: serving.url, isHealthy: true, detail: 'yard serve 0.0.0-test'},
    {name: 'memory', isHealthy: true, detail: expect.any(String)},
  ])
  const gone = await open(`http://127.0.0.1:${await freePort()}`)
  expect(await gone.health()).toEqual([
    {name: gone.url, isHealthy: false, detail: 'nothing listens there (ECONNREFUSED)'},
  ])
})
