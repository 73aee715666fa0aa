import {type FastifyInstance} from 'fastify'

import {type Access} from '../domain/access.js'
import {type Authenticate} from './authentication.js'
import {type CatalogRoutes, checkPrefix} from './routes.js'
import {schemas} from './schemas.js'
import {closingText} from './shared-watch.js'
import {type Subscription} from './subscription.js'
import {type WatchHub} from './watch-hub.js'

export interface WatchRoute extends Pick<CatalogRoutes, 'accessFor'> {
  hub: WatchHub
  authenticate: Authenticate
  recheckMillis: number
}

interface WatchQuery {
  prefix: string
  from?: string
}

/** Adds the watch. A watch outlives the request that was checked, so that its token is checked again and again. */
export function addWatchRoute(app: FastifyInstance, route: WatchRoute): void {
  const {accessFor, authenticate, hub, recheckMillis} = route
  const open = new OpenWatches(authenticate, recheckMillis)
  app.addHook('onClose', async () => open.close())

  app.get<{Querystring: WatchQuery}>('/watch', {schema: schemas.watch}, async (request, reply) => {
    const access: Access = accessFor(request)
    const {from, prefix} = request.query
    checkPrefix(access, prefix)
    const lastEventId = request.headers['last-event-id']
    const fromRevision = Number(typeof lastEventId === 'string' ? lastEventId : (from ?? 0))
    const reader = await hub.follow({prefix, fromRevision, access})
    open.add(reader, request.headers.authorization)
    return reply
      .headers({'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no'})
      .send(reader.stream)
  })
}

/** The watches that are open, by the credentials that opened them. */
class OpenWatches {
  private readonly byCredentials = new Map<string, Set<Subscription>>()
  private timer: NodeJS.Timeout | undefined
  private isClosed = false

  constructor(
    private readonly authenticate: Authenticate,
    private readonly recheckMillis: number,
  ) {}

  add(reader: Subscription, authorization = ''): void {
    const readers = this.byCredentials.get(authorization) ?? new Set()
    this.byCredentials.set(authorization, readers.add(reader))
    reader.stream.on('close', () => {
      readers.delete(reader)
      if (readers.size === 0 && this.byCredentials.get(authorization) === readers)
        this.byCredentials.delete(authorization)
    })
    this.schedule()
  }

  close(): void {
    this.isClosed = true
    clearTimeout(this.timer)
  }

  /** Each round begins a while after the last one ended, however slow the store is. */
  private schedule(): void {
    if (this.isClosed || this.timer !== undefined || this.byCredentials.size === 0) return
    this.timer = setTimeout(() => {
      void this.recheck().finally(() => {
        this.timer = undefined
        this.schedule()
      })
    }, this.recheckMillis)
    this.timer.unref()
  }

  private async recheck(): Promise<void> {
    for (const [authorization, readers] of [...this.byCredentials]) {
      if (await this.isRefused(authorization)) for (const reader of readers) reader.end(closingText)
    }
  }

  /** A store that doesn't answer says nothing about a token. */
  private async isRefused(authorization: string): Promise<boolean> {
    try {
      const header = authorization === '' ? undefined : authorization
      return (await this.authenticate(header)).kind === 'refused'
    } catch {
      return false
    }
  }
}
