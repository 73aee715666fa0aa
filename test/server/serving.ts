import {randomBytes} from 'node:crypto'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {SystemClock} from '../../src/adapters/clock-system/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {catalogRoot, keys} from '../../src/catalog/keys.js'
import {type Clock} from '../../src/contracts/clock.js'
import {type Store} from '../../src/contracts/store.js'
import {type Access, accessOf} from '../../src/domain/access.js'
import {type ApiToken, type Role} from '../../src/domain/api-token.js'
import {parseTokenText, secretDigest, tokenText} from '../../src/domain/token-text.js'
import {tokenAuthentication} from '../../src/server/authentication.js'
import {type CatalogServer, createCatalogServer} from '../../src/server/catalog-server.js'
import {type ServerLimits} from '../../src/server/limits.js'
import {type RequestLogLine} from '../../src/server/request-log.js'

export interface ServingOptions {
  store?: Store
  clock?: Clock
  limits?: Partial<ServerLimits>
  /** Where it listens; any free port without it. */
  port?: number
  isLoopbackOnly?: boolean
  isBehindProxy?: boolean
  tls?: {certificate: string; key: string}
}

/** A real server on a free port of this machine, over a store in memory. */
export interface Serving {
  url: string
  port: number
  store: Store
  catalog: Catalog
  server: CatalogServer
  log: RequestLogLine[]
  /** Puts a token into the catalog and returns what its owner sends. */
  token: (name: string, role: Role, changes?: Partial<ApiToken>) => Promise<string>
  close: () => Promise<void>
}

export const testAreas = {
  root: catalogRoot,
  tokens: keys.tokens,
  environments: keys.environments,
  audit: `${catalogRoot}audit/`,
  auditRows: keys.auditEntries,
}

/** Serves with tokens and roles, as `yard serve` does. */
export async function serve(options: ServingOptions = {}): Promise<Serving> {
  const {store = new MemoryStore(), clock = new SystemClock()} = options
  const catalog = new Catalog(store)
  const log: RequestLogLine[] = []
  const server = await createCatalogServer({
    ...options,
    store,
    clock,
    authenticate: tokenAuthentication(catalog, clock),
    access: ({role}) => accessOf(role, testAreas),
    log: (line) => log.push(line),
    version: '0.0.0-test',
  })
  const port = await server.listen({address: '127.0.0.1', port: options.port ?? 0})
  const scheme = options.tls === undefined ? 'http' : 'https'
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    store,
    catalog,
    server,
    log,
    token: (name, role, changes) => plantToken(catalog, name, role, changes),
    close: async () => {
      await server.drain(0)
      await store.close()
    },
  }
}

/** Serves to everybody everything that is in the store, whatever its keys. */
export async function serveToAll(
  store: Store,
  limits: Partial<ServerLimits> = {},
): Promise<{url: string; server: CatalogServer}> {
  const all: Access = {
    mayRead: () => true,
    mayList: () => true,
    mayWrite: () => true,
    mayLease: true,
    mustBeNew: () => false,
    view: 'all',
  }
  const server = await createCatalogServer({
    store,
    clock: new SystemClock(),
    authenticate: async () => ({kind: 'accepted', caller: {id: 'all', name: 'all', role: 'admin'}}),
    access: () => all,
    log: () => undefined,
    limits: {requests: 1_000_000, ...limits},
    version: '0.0.0-test',
  })
  const port = await server.listen({address: '127.0.0.1', port: 0})
  return {url: `http://127.0.0.1:${port}`, server}
}

async function plantToken(
  catalog: Catalog,
  name: string,
  role: Role,
  changes: Partial<ApiToken> = {},
): Promise<string> {
  const text = tokenText(randomBytes(8), randomBytes(32))
  const {id, secret} = parseTokenText(text)!
  const record = {
    v: 1 as const,
    id,
    name,
    role,
    digest: secretDigest(secret),
    createdBy: 'somebody@somewhere',
    createdAt: '2026-11-20T12:00:00.000Z',
    ...changes,
  }
  await catalog.store.transact([], [catalog.tokens.put(keys.token(id), record)])
  return text
}
