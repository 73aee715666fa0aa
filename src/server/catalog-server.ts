import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import fastify, {type FastifyInstance, type FastifyRequest} from 'fastify'

import {type Clock} from '../contracts/clock.js'
import {type Store} from '../contracts/store.js'
import {type Access} from '../domain/access.js'
import {type Authenticate, type Caller} from './authentication.js'
import {checkCallers} from './caller-check.js'
import {answerError} from './error-answers.js'
import {checkHosts} from './host-check.js'
import {fastifySettings} from './fastify-settings.js'
import {defaultLimits, type ServerLimits} from './limits.js'
import {addWatchRoute} from './open-watches.js'
import {badRequest, tooMany} from './refusal.js'
import {logRequests, type RequestLogLine} from './request-log.js'
import {addCatalogRoutes} from './routes.js'
import {schemas, sharedSchemas} from './schemas.js'
import {WatchHub} from './watch-hub.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once that's known. */
    caller: Caller | undefined
    /** What went wrong that nobody expected, for the log. */
    bug: string | undefined
  }
}

export interface CatalogServerOptions {
  store: Store
  authenticate: Authenticate
  access: (caller: Caller) => Access
  clock: Clock
  log: (line: RequestLogLine) => void
  limits?: Partial<ServerLimits>
  version: string
  /** Texts of PEM files. */
  tls?: {certificate: string; key: string}
  /** A proxy on this network says whom it speaks for, and for which name. */
  isBehindProxy?: boolean
  /** Only requests to a name of this machine are answered. */
  isLoopbackOnly?: boolean
}

/** A catalog over HTTP, over any store. */
export interface CatalogServer {
  /** Returns the port. @throws the system's error when it can't be had */
  listen(at: {address: string; port: number}): Promise<number>
  /** Takes no new connections, ends watches, lets requests finish, and cuts what takes longer than this. */
  drain(graceMillis: number): Promise<void>
}

export async function createCatalogServer(options: CatalogServerOptions): Promise<CatalogServer> {
  const limits = {...defaultLimits, ...options.limits}
  const app = fastify(
    fastifySettings({limits, tls: options.tls, isBehindProxy: options.isBehindProxy === true}),
  )
  const hub = new WatchHub({...limits, store: options.store})
  app.decorateRequest('caller', undefined)
  app.removeContentTypeParser('text/plain')
  for (const schema of sharedSchemas) app.addSchema(schema)
  app.setErrorHandler((error, request, reply) =>
    answerError(error, reply, (bug) => {
      request.bug = bug instanceof Error ? `${bug.name}: ${bug.message}` : String(bug)
    }),
  )
  logRequests(app, options.clock, options.log)
  if (options.isLoopbackOnly === true) checkHosts(app)
  await limitRates(app, limits)
  await describe(app, options.version)
  app.setNotFoundHandler({preHandler: app.rateLimit()}, async (request, reply) =>
    notFound(app, request, reply),
  )
  app.get('/openapi.json', {schema: schemas.document}, async () => app.swagger())
  await app.register(async (api) => addApi(api, {...options, hub, limits}), {prefix: '/v1'})
  app.addHook('preClose', async () => hub.close())
  await app.ready()
  return {
    listen: async ({address, port}) => {
      await app.listen({host: address, port})
      const bound = app.server.address()
      return typeof bound === 'object' && bound !== null ? bound.port : port
    },
    drain: (graceMillis) => drain(app, graceMillis),
  }
}

function addApi(
  api: FastifyInstance,
  options: CatalogServerOptions & {hub: WatchHub; limits: ServerLimits},
): void {
  const {access, authenticate, hub, limits, store, version} = options
  const accessFor = ({caller}: FastifyRequest) => {
    if (caller === undefined) throw new Error('a route without a caller')
    return access(caller)
  }
  checkCallers(api, {authenticate, limits})
  addCatalogRoutes(api, {store, accessFor, version})
  addWatchRoute(api, {accessFor, authenticate, hub, recheckMillis: limits.recheckMillis})
}

async function limitRates(app: FastifyInstance, limits: ServerLimits): Promise<void> {
  const silent = {'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false}
  await app.register(rateLimit, {
    max: limits.requests,
    timeWindow: limits.windowMillis,
    keyGenerator: ({caller, ip}) => `${caller?.id ?? ''}|${ip}`,
    addHeaders: {...silent, 'retry-after': false},
    addHeadersOnExceeding: silent,
    errorResponseBuilder: (_request, {ttl}) =>
      tooMany('this token asks more often than a token may', Math.ceil(ttl / 1_000)),
  })
}

async function describe(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {title: 'The catalog of yard', version},
      components: {securitySchemes: {token: {type: 'http', scheme: 'bearer'}}},
      security: [{token: []}],
    },
    refResolver: {buildLocalReference: ({$id: id}) => (typeof id === 'string' ? id : 'schema')},
  })
}

async function notFound(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: {header(name: string, value: string): unknown},
) {
  const url = request.url.split('?', 1)[0] ?? ''
  const allowed = (['GET', 'POST'] as const).filter((method) => app.hasRoute({method, url}))
  if (allowed.length === 0) throw badRequest('there is nothing at this path', 404)
  reply.header('allow', allowed.join(', '))
  throw badRequest(`this path answers ${allowed.join(' and ')} only`, 405)
}

const sweepMillis = 100

async function drain(app: FastifyInstance, graceMillis: number): Promise<void> {
  // Connections that become idle only now would keep the server open for as long as clients keep them.
  const sweeping = setInterval(() => app.server.closeIdleConnections(), sweepMillis)
  const cutting = setTimeout(() => app.server.closeAllConnections(), graceMillis)
  try {
    await app.close()
  } finally {
    clearInterval(sweeping)
    clearTimeout(cutting)
  }
}
