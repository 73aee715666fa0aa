import {type FastifyInstance} from 'fastify'

import {continueTrace, type Trace} from './trace.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Send `trace.header` as `traceparent` with calls to other services. */
    trace: Trace
  }
}

/** One JSON line per request. Probes come every other second, so theirs are of level debug. */
export function requestLog(app: FastifyInstance): void {
  app.decorateRequest('trace')
  app.addHook('onRequest', async (request) => {
    request.trace = continueTrace(request.headers.traceparent)
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    const line = {
      request_id: request.id,
      trace_id: request.trace.traceId,
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    }
    app.log[route === '/livez' || route === '/readyz' ? 'debug' : 'info'](line, 'request')
  })
}
