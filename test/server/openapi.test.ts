import {afterAll, beforeAll, expect, test} from '@jest/globals'

import {keys} from '../../src/catalog/keys.js'
import {ask, WatchReader} from './asking.js'
import {serve, type Serving} from './serving.js'

interface Operation {
  operationId: string
  security?: unknown[]
  responses: Record<
    string,
    {description: string; content?: Record<string, {schema: Record<string, unknown>}>}
  >
}

interface OpenApiDocument {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: {schemas: Record<string, unknown>; securitySchemes: Record<string, unknown>}
  security: unknown[]
}

let serving: Serving
let document: OpenApiDocument
let admin: string

beforeAll(async () => {
  serving = await serve()
  admin = await serving.token('admin', 'admin')
  document = (await ask(`${serving.url}/openapi.json`)).json as OpenApiDocument
})
afterAll(() => serving.close())

/** A good request for each operation of the document. */
const requests: Record<string, {path: string; body?: unknown}> = {
  getEntry: {path: `/v1/entry?key=${keys.service('billing')}`},
  listEntries: {path: `/v1/range?prefix=${keys.services}`},
  transact: {
    path: '/v1/transact',
    body: {compares: [], writes: [{put: keys.service('billing'), value: '{}'}]},
  },
  grantLease: {path: '/v1/leases', body: {ttlMillis: 1_000}},
  renewLease: {path: '/v1/leases/renew', body: {lease: 'gone'}},
  revokeLease: {path: '/v1/leases/revoke', body: {lease: 'gone'}},
  leaseLeft: {path: '/v1/leases/left?lease=gone'},
  health: {path: '/v1/health'},
  me: {path: '/v1/me'},
  document: {path: '/openapi.json'},
}

function operations(): {path: string; method: string; operation: Operation}[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({path, method: method.toUpperCase(), operation})),
  )
}

test('the document needs no token and describes every route', () => {
  expect(document.openapi).toBe('3.1.0')
  expect(
    operations()
      .map(({method, path}) => `${method} ${path}`)
      .sort(),
  ).toEqual([
    'GET /openapi.json',
    'GET /v1/entry',
    'GET /v1/health',
    'GET /v1/leases/left',
    'GET /v1/me',
    'GET /v1/range',
    'GET /v1/watch',
    'POST /v1/leases',
    'POST /v1/leases/renew',
    'POST /v1/leases/revoke',
    'POST /v1/transact',
  ])
})

test('every reference of the document leads somewhere in it', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target!)

  expect(references.length).toBeGreaterThan(0)
  for (const target of references) {
    const name = /^#\/components\/schemas\/(\w+)$/.exec(target)?.[1] ?? target
    expect(Object.keys(document.components.schemas)).toContain(name)
  }
})

test('the document says that a token is needed, and for what it is not', () => {
  expect(document.components.securitySchemes).toEqual({token: {type: 'http', scheme: 'bearer'}})
  expect(document.security).toEqual([{token: []}])
  const open = operations().filter(({operation}) => operation.security?.length === 0)
  expect(open.map(({path}) => path)).toEqual(['/openapi.json'])
})

test('every documented request is answered as the document says', async () => {
  for (const {method, operation, path} of operations()) {
    if (operation.operationId === 'watch') continue
    const request = requests[operation.operationId]!
    const asked = await ask(serving.url + request.path, {method, token: admin, body: request.body})
    const documented = operation.responses[String(asked.status)]
    expect({path, status: asked.status, isDocumented: documented !== undefined}).toMatchObject({
      status: operation.operationId === 'grantLease' ? 201 : 200,
      isDocumented: true,
    })
    const schema = documented?.content?.['application/json']?.schema as {
      properties?: object
      required?: string[]
    }
    const fields = Object.keys(asked.json as object)
    if (schema.properties !== undefined)
      expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(fields))
    expect(fields).toEqual(expect.arrayContaining(schema.required ?? []))
  }
})

test('the documented watch is answered with events', async () => {
  const reader = await WatchReader.open(`${serving.url}/v1/watch?prefix=${keys.services}`, admin)
  const {responses} = operations().find(({path}) => path === '/v1/watch')!.operation

  expect(reader.response.headers['content-type']).toBe('text/event-stream')
  expect(Object.keys(responses['200']?.content ?? {})).toEqual(['text/event-stream'])
  reader.close()
})

test('every documented request without a token is refused as the document says', async () => {
  for (const {method, operation, path} of operations()) {
    if (operation.security?.length === 0) continue
    expect((await ask(serving.url + path, {method})).status).toBe(401)
    expect(operation.responses['401']?.content?.['application/json']?.schema).toEqual({
      $ref: '#/components/schemas/Error',
    })
  }
})
