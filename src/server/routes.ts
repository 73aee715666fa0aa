import {Readable} from 'node:stream'

import {type FastifyInstance, type FastifyRequest} from 'fastify'

import {
  type Compare,
  maxTransactionWrites,
  type Store,
  type StoreRange,
  type Write,
} from '../contracts/store.js'
import {type Access} from '../domain/access.js'
import {checkStoreTransaction} from '../domain/store-text.js'
import {badRequest, forbidden} from './refusal.js'
import {schemas} from './schemas.js'

export interface CatalogRoutes {
  store: Store
  accessFor: (request: FastifyRequest) => Access
  version: string
}

/** Everything below `/v1` but the watch. Keys come in the query or the body: a path would be tidied on its way. */
export function addCatalogRoutes(app: FastifyInstance, {accessFor, store, version}: CatalogRoutes): void {
  app.get<{Querystring: {key: string}}>('/entry', {schema: schemas.entry}, async (request) => {
    const {key} = request.query
    if (!accessFor(request).mayRead(key)) throw forbidden('its role may not read this key', 'admin')
    const entry = await store.get(key)
    return entry === undefined ? {} : {entry}
  })

  app.get<{Querystring: {prefix: string}}>('/range', {schema: schemas.range}, async (request, reply) => {
    const access = accessFor(request)
    checkPrefix(access, request.query.prefix)
    const range = await store.range(request.query.prefix)
    return reply.type('application/json').send(Readable.from(rangeText(range, access), {objectMode: false}))
  })

  app.post<{Body: {compares: Compare[]; writes: Write[]}}>(
    '/transact',
    {schema: schemas.transact},
    async (request) => {
      const {compares, writes} = request.body
      const access = accessFor(request)
      checkAllowed(access, compares, writes)
      checkWrites(compares, writes)
      return store.transact(compares, writes)
    },
  )

  app.post<{Body: {ttlMillis: number}}>('/leases', {schema: schemas.grantLease}, async (request, reply) => {
    checkLeases(accessFor(request))
    const lease = await store.grantLease(request.body.ttlMillis)
    return reply.code(201).send({lease})
  })

  app.post<{Body: {lease: string}}>('/leases/renew', {schema: schemas.renewLease}, async (request) => {
    checkLeases(accessFor(request))
    return {renewed: await store.renewLease(request.body.lease)}
  })

  app.post<{Body: {lease: string}}>('/leases/revoke', {schema: schemas.revokeLease}, async (request) => {
    checkLeases(accessFor(request))
    await store.revokeLease(request.body.lease)
    return {}
  })

  app.get<{Querystring: {lease: string}}>('/leases/left', {schema: schemas.leaseLeft}, async (request) => {
    const millisLeft = await store.leaseMillisLeft(request.query.lease)
    return millisLeft === undefined ? {} : {millisLeft}
  })

  app.get('/health', {schema: schemas.health}, async () => ({version, parts: await store.health()}))

  app.get('/me', {schema: schemas.me}, async ({caller}) => ({name: caller?.name, role: caller?.role}))
}

/** @throws Refusal 403 */
export function checkPrefix(access: Access, prefix: string): void {
  if (!access.mayList(prefix)) throw forbidden('its role may not list what begins with this', 'admin')
}

/** @throws Refusal 403 */
function checkAllowed(access: Access, compares: readonly Compare[], writes: readonly Write[]): void {
  if (!compares.every(({key}) => access.mayRead(key)))
    throw forbidden('its role may not read one of the keys', 'admin')
  if (!writes.every((write) => access.mayWrite(write)))
    throw forbidden('its role may not do one of the writes', access.mayLease ? 'admin' : 'deployer')
  const fresh = new Set(compares.filter(({revision}) => revision === 0).map(({key}) => key))
  if (writes.some((write) => 'put' in write && access.mustBeNew(write.put) && !fresh.has(write.put)))
    throw forbidden('its role may add rows to the audit, and change none', 'admin')
}

function checkLeases({mayLease}: Access): void {
  if (!mayLease) throw forbidden('its role may not use leases', 'deployer')
}

function checkWrites(compares: readonly Compare[], writes: readonly Write[]): void {
  try {
    checkStoreTransaction(compares, writes, maxTransactionWrites)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw badRequest('a key is named twice, or a key or value is one that no store can keep')
  }
}

const pieceCharacters = 65_536

/** In pieces, so that ten thousands of entries are never one string. */
function* rangeText({entries, revision}: StoreRange, access: Access): Generator<string, void, undefined> {
  let piece = `{"revision":${revision},"entries":[`
  let separator = ''
  for (const entry of entries) {
    if (!access.mayRead(entry.key)) continue
    piece += separator + JSON.stringify(entry)
    separator = ','
    if (piece.length < pieceCharacters) continue
    yield piece
    piece = ''
  }
  yield `${piece}]}`
}
