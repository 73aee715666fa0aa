import {afterEach, expect, test} from '@jest/globals'

import {keys} from '../../src/catalog/keys.js'
import {ask, expectRefusal, query} from './asking.js'
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

test('a request without a token is refused, and told how to get one', async () => {
  const {url} = await serving()
  const asked = await ask(url + entry)

  expectRefusal(asked, 401, 'E_CATALOG_AUTH')
  expect(asked.headers['www-authenticate']).toBe('Bearer')
})

test.each([
  ['what is no token', 'yard_hello'],
  ['the token of nobody', `yard_0123456789abcdef_${'a'.repeat(43)}`],
  ['another way of saying who', 'Basic YWRtaW46YWRtaW4='],
])('%s is refused', async (_, token) => {
  const {url} = await serving()

  expectRefusal(await ask(url + entry, {token}), 401, 'E_CATALOG_AUTH')
})

test('a token with the right id and a wrong secret is refused like one that never was', async () => {
  const {token, url} = await serving()
  const good = await token('ci', 'admin')
  const wrong = `${good.slice(0, 22)}${'A'.repeat(43)}`

  const [asked, unknown] = [
    await ask(url + entry, {token: wrong}),
    await ask(url + entry, {token: `yard_0123456789abcdef_${'a'.repeat(43)}`}),
  ]
  expect((await ask(url + entry, {token: good})).status).toBe(200)
  expectRefusal(asked, 401, 'E_CATALOG_AUTH')
  expect(asked.json).toEqual(unknown.json)
})

test('a token is refused from the moment it is revoked, and once it has expired', async () => {
  const {catalog, token, url} = await serving()
  const good = await token('ci', 'reader')
  expect((await ask(url + entry, {token: good})).status).toBe(200)

  const [stored] = (await catalog.tokens.list(keys.tokens)).records
  const record = {...stored!.record, revokedAt: '2026-11-20T13:00:00.000Z'}
  await catalog.store.transact([], [catalog.tokens.put(keys.token(record.id), record)])
  const expired = await token('old', 'reader', {expiresAt: '2020-01-01T00:00:00.000Z'})
  // A schema takes half an offset, which is no time to JavaScript.
  const odd = await token('odd', 'reader', {expiresAt: '2020-01-01T00:00:00+05'})

  const asked = await Promise.all([good, expired, odd].map((each) => ask(url + entry, {token: each})))
  for (const each of asked) expectRefusal(each, 401, 'E_CATALOG_AUTH')
  expect(asked.map(({text}) => text)).toEqual([
    expect.stringContaining('the token ci was revoked'),
    expect.stringContaining('the token old expired'),
    expect.stringContaining('the token odd expired'),
  ])
})

test('a reader reads, and can neither write nor use leases nor see tokens', async () => {
  const {store, token, url} = await serving()
  await store.transact([], put.writes)
  const reader = await token('dashboard', 'reader')

  expect((await ask(url + entry, {token: reader})).json).toMatchObject({entry: {value: '{}'}})
  const refused = [
    await ask(`${url}/v1/transact`, {method: 'POST', token: reader, body: put}),
    await ask(`${url}/v1/leases`, {method: 'POST', token: reader, body: {ttlMillis: 1_000}}),
    await ask(url + query('/v1/range', {prefix: keys.tokens}), {token: reader}),
    await ask(url + query('/v1/watch', {prefix: keys.tokens}), {token: reader}),
    await ask(url + query('/v1/entry', {key: keys.token('0123456789abcdef')}), {token: reader}),
  ]
  for (const asked of refused) expectRefusal(asked, 403, 'E_CATALOG_FORBIDDEN')
  const {json, text} = await ask(url + query('/v1/range', {prefix: '/yard/v1/'}), {token: reader})
  expect(json).toMatchObject({entries: [{key: keys.service('billing')}]})
  expect(text).not.toContain('digest')
})

test('a deployer writes services, and neither tokens nor environments, and takes nothing out of the audit', async () => {
  const {token, url} = await serving()
  const deployer = await token('ci', 'deployer')
  const write = (writes: unknown[]) =>
    ask(`${url}/v1/transact`, {method: 'POST', token: deployer, body: {compares: [], writes}})

  expect((await write(put.writes)).json).toMatchObject({succeeded: true})
  expect((await write([{put: keys.auditHead, value: '{}'}])).json).toMatchObject({succeeded: true})
  const lease = (await ask(`${url}/v1/leases`, {method: 'POST', token: deployer, body: {ttlMillis: 60_000}}))
    .json
  expect(lease).toEqual({lease: expect.any(String)})
  const refused = [
    [{put: keys.token('0123456789abcdef'), value: '{}'}],
    [{put: keys.environment('production'), value: '{}'}],
    [{delete: keys.auditHead}],
    [{put: keys.auditHead, value: '{}', ...(lease as object)}],
    [...put.writes, {delete: keys.environment('production')}],
    [{put: '/yard/v2/services/billing', value: ''}],
    [{put: 'x', value: ''}],
  ]
  for (const writes of refused) expectRefusal(await write(writes), 403, 'E_CATALOG_FORBIDDEN')
})

test.each([
  ['above the root', '/yard/'],
  ['the way up', '/yard/v1/../../etc'],
  ['the way up into tokens', '/yard/v1/services/../tokens/'],
  ['the way up, encoded', '/yard/v1/%2e%2e/%2e%2e/'],
  ['two slashes', '//yard/v1//services'],
  ['nothing', ''],
])('a prefix or key is compared as it is: %s', async (_, key) => {
  const {store, token, url} = await serving()
  await store.transact([], [...put.writes, {put: '/other/secret', value: 'canary'}])
  const reader = await token('dashboard', 'reader')

  const ranged = await ask(url + query('/v1/range', {prefix: key}), {token: reader})
  const got = await ask(url + query('/v1/entry', {key}), {token: reader})
  const isBelow = key.startsWith('/yard/v1/')
  expect([ranged.status, got.status]).toEqual(isBelow ? [200, 200] : [403, key === '' ? 400 : 403])
  if (isBelow) expect([ranged.json, got.json]).toMatchObject([{entries: []}, {}])
  expect(ranged.text + got.text).not.toMatch(/canary|digest/)
})

test('a deployer adds rows to the audit and changes none', async () => {
  const {store, token, url} = await serving()
  const deployer = await token('ci', 'deployer')
  const key = keys.auditEntry(1)
  const write = (compares: unknown[], value: string) =>
    ask(`${url}/v1/transact`, {
      method: 'POST',
      token: deployer,
      body: {compares, writes: [{put: key, value}]},
    })
  const isNew = {key, target: 'created', revision: 0}

  expect((await write([isNew], 'as it was')).json).toMatchObject({succeeded: true})
  const {modRevision: revision = 0} = (await store.get(key)) ?? {}
  expectRefusal(await write([], 'changed'), 403, 'E_CATALOG_FORBIDDEN')
  expectRefusal(
    await write([{...isNew, target: 'modified', revision}], 'changed'),
    403,
    'E_CATALOG_FORBIDDEN',
  )
  expect((await write([isNew], 'changed')).json).toMatchObject({succeeded: false})
  expect((await store.get(key))?.value).toBe('as it was')
})
