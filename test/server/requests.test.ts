import {afterEach, expect, test} from '@jest/globals'

import {keys} from '../../src/catalog/keys.js'
import {eventually} from '../contracts/store-actions.js'
import {ask, expectRefusal, query, sendRaw} from './asking.js'
import {serve, type Serving, type ServingOptions} from './serving.js'

const open: Serving[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((serving) => serving.close()))
})

async function serving(options: ServingOptions = {}): Promise<Serving> {
  const started = await serve(options)
  open.push(started)
  return started
}

const entry = query('/v1/entry', {key: keys.service('billing')})
const put = {compares: [], writes: [{put: keys.service('billing'), value: '{}'}]}

test.each([
  '/v1/entry/..%2f..%2fetc',
  '/v1/../v1/me',
  '/v1//me',
  '/%2e%2e/',
  '/v1/entry%00',
  '/v2/entry',
  '/',
])('the path %s leads nowhere', async (path) => {
  const {port, token} = await serving()
  const admin = await token('admin', 'admin')
  const received = await sendRaw(port, (socket) => {
    const head = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${admin}\r\nConnection: close`
    socket.write(`${head}\r\n\r\n`)
  })

  expect(received).toMatch(/^HTTP\/1\.1 404 /)
  expect(received).toContain('"code":"E_USAGE"')
})

test('a wrong method says which one is right', async () => {
  const {token, url} = await serving()
  const admin = await token('admin', 'admin')
  const asked = await ask(`${url}/v1/transact`, {token: admin})

  expectRefusal(asked, 405, 'E_USAGE')
  expect(asked.headers.allow).toBe('POST')
  expect((await ask(url + entry, {method: 'DELETE', token: admin})).status).toBe(405)
})

test.each([
  ['no body', undefined],
  ['no JSON', 'hello'],
  ['an array', []],
  ['a field too many', {...put, force: true}],
  ['a field too few', {writes: []}],
  ['a number as text', {compares: [{key: 'a', target: 'created', revision: '0'}], writes: []}],
  ['a value that is no text', {compares: [], writes: [{put: '/yard/v1/a', value: 1}]}],
  ['a write that is two', {compares: [], writes: [{put: '/yard/v1/a', value: '', delete: '/yard/v1/b'}]}],
  ['a key with a NUL', {compares: [], writes: [{put: '/yard/v1/a\0', value: ''}]}],
  ['half a character', '{"compares":[],"writes":[{"put":"/yard/v1/a","value":"\\ud800"}]}'],
  ['a key twice', {compares: [], writes: [put.writes[0], put.writes[0]]}],
  [
    '129 writes',
    {compares: [], writes: Array.from({length: 129}, (_, index) => ({delete: `/yard/v1/${index}`}))},
  ],
  ['a prototype', '{"compares":[],"writes":[],"__proto__":{"admin":true}}'],
])('a transaction with %s is refused, and nothing is written', async (_, body) => {
  const {store, token, url} = await serving()
  const admin = await token('admin', 'admin')
  const before = (await store.range('')).revision

  expectRefusal(await ask(`${url}/v1/transact`, {method: 'POST', token: admin, body}), 400, 'E_USAGE')
  expect((await store.range('')).revision).toBe(before)
})

test.each([['text/plain'], ['application/x-www-form-urlencoded'], ['multipart/form-data; boundary=x']])(
  'a body of the type %s is refused',
  async (type) => {
    const {token, url} = await serving()
    const question = {
      method: 'POST',
      token: await token('admin', 'admin'),
      body: put,
      headers: {'content-type': type},
    }

    expectRefusal(await ask(`${url}/v1/transact`, question), 400, 'E_USAGE')
  },
)

test.each(['127.0.0.1.nip.io', 'evil.test', 'localhost.evil.test:7600', '10.0.0.1'])(
  'on loopback a request for the host %s is refused',
  async (host) => {
    const {token, url} = await serving({isLoopbackOnly: true})
    const good = await token('admin', 'admin')

    expect((await ask(`${url}/v1/me`, {token: good})).status).toBe(200)
    expect((await ask(`${url}/v1/me`, {token: good, headers: {host: 'yard.localhost:7600'}})).status).toBe(
      200,
    )
    expectRefusal(await ask(`${url}/v1/me`, {token: good, headers: {host}}), 403, 'E_CATALOG_FORBIDDEN')
  },
)

test('no answer lets a web page of another place read it', async () => {
  const {token, url} = await serving()
  const question = {token: await token('admin', 'admin'), headers: {origin: 'https://evil.test'}}
  const asked = [await ask(`${url}/v1/me`, question), await ask(`${url}/openapi.json`, question)]

  for (const {headers} of asked)
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  expect((await ask(`${url}/v1/me`, {...question, method: 'OPTIONS'})).status).toBe(405)
})

test('more requests than a token may send are refused for a while, and others go on', async () => {
  const {token, url} = await serving({limits: {requests: 5, windowMillis: 60_000}})
  const [busy, calm] = [await token('busy', 'reader'), await token('calm', 'reader')]
  const statuses: number[] = []
  for (let index = 0; index < 6; index++) statuses.push((await ask(url + entry, {token: busy})).status)

  expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
  const asked = await ask(url + entry, {token: busy})
  expectRefusal(asked, 429, 'E_CATALOG_UNREACHABLE')
  expect(Number(asked.headers['retry-after'])).toBeGreaterThan(0)
  expect((await ask(url + entry, {token: calm})).status).toBe(200)
})

test('who tries token after token soon waits, and those with a good one do not wait with them', async () => {
  const {store, token, url} = await serving({limits: {refusals: 3, windowMillis: 60_000}})
  const good = await token('ci', 'reader')
  await ask(url + entry, {token: good})
  const wrong = `yard_0123456789abcdef_${'a'.repeat(43)}`
  const statuses: number[] = []
  for (let index = 0; index < 5; index++) statuses.push((await ask(url + entry, {token: wrong})).status)
  let wasAsked = false
  const get = store.get.bind(store)
  store.get = (key) => {
    wasAsked = true
    return get(key)
  }

  expect(statuses).toEqual([401, 401, 401, 429, 429])
  expectRefusal(await ask(url + entry, {token: wrong}), 429, 'E_CATALOG_UNREACHABLE')
  expect(wasAsked).toBe(false)
  expect((await ask(url + entry, {token: good})).status).toBe(200)
})

test('the log has one line for each request, with neither token nor value', async () => {
  const {log, token, url} = await serving()
  const admin = await token('admin', 'admin')
  const body = {compares: [], writes: [{put: keys.service('billing'), value: 'canary-7f3a'}]}
  await ask(`${url}/v1/transact`, {method: 'POST', token: admin, body})
  await ask(url + entry, {token: admin})
  await ask(`${url}/v1/nothing`, {token: `yard_0123456789abcdef_${'a'.repeat(43)}`})
  await eventually(async () => log.length === 3)

  const shared = {at: expect.any(String), millis: expect.any(Number), address: '127.0.0.1'}
  expect(log).toEqual([
    {
      ...shared,
      method: 'POST',
      route: '/v1/transact',
      keys: '/yard/v1/services/',
      status: 200,
      token: 'admin',
    },
    {...shared, method: 'GET', route: '/v1/entry', keys: '/yard/v1/services/', status: 200, token: 'admin'},
    {...shared, method: 'GET', status: 404},
  ])
  expect(JSON.stringify(log)).not.toMatch(/canary|yard_/)
})

test('a store that does not answer is told as such, and a bug keeps its inside to itself', async () => {
  const {log, store, token, url} = await serving()
  const admin = await token('admin', 'admin')
  await ask(`${url}/v1/me`, {token: admin})
  store.range = async () => {
    throw new Error('canary of the inside')
  }

  const asked = await ask(url + query('/v1/range', {prefix: '/yard/v1/'}), {token: admin})
  expectRefusal(asked, 500, 'BUG')
  expect(asked.text).not.toContain('canary')
  await eventually(async () => log.length === 2)
  expect(log[1]).toMatchObject({status: 500, bug: 'Error: canary of the inside'})
})
