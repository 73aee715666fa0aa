import {type FastifyInstance, type FastifyReply, type FastifyRequest} from 'fastify'

import {type Clock} from '../contracts/clock.js'

/** One answered request: who asked for what, and how it ended. Never a token, never a value. */
export interface RequestLogLine {
  at: string
  method: string
  /** As it's declared; absent where there is none. */
  route?: string
  /** What the keys of the request begin with. */
  keys?: string
  status: number
  /** The connection broke before the end of the answer. */
  brokenOff?: true
  millis: number
  /** The name of the token. */
  token?: string
  address: string
  /** What the server didn't expect. */
  bug?: string
}

/** Logs each request once, when its answer is through or its connection is gone: a watch may take days. */
export function logRequests(app: FastifyInstance, clock: Clock, log: (line: RequestLogLine) => void): void {
  app.decorateRequest('bug', undefined)
  app.addHook('onRequest', async (request, reply) => {
    const started = clock.monotonicMillis()
    reply.raw.once('close', () => log(lineOf(request, reply, clock, clock.monotonicMillis() - started)))
  })
}

function lineOf(request: FastifyRequest, reply: FastifyReply, clock: Clock, millis: number): RequestLogLine {
  const {bug, caller, routeOptions} = request
  const keys = keysOf(request)
  return {
    at: clock.now().toISOString(),
    method: request.method,
    ...(routeOptions.url !== undefined && {route: routeOptions.url}),
    ...(keys !== undefined && {keys}),
    status: reply.raw.statusCode,
    ...(!reply.raw.writableFinished && {brokenOff: true}),
    millis: Math.round(millis),
    ...(caller !== undefined && {token: caller.name}),
    address: request.ip,
    ...(bug !== undefined && {bug}),
  }
}

/** The folder of the first key that the request names: enough to see what is asked for. */
function keysOf({body, query}: FastifyRequest): string | undefined {
  const {key, prefix} = (query ?? {}) as {key?: unknown; prefix?: unknown}
  const {compares, writes} = (body ?? {}) as {compares?: unknown; writes?: unknown}
  const named = [key, prefix, ...keysIn(writes), ...keysIn(compares)].find((each) => typeof each === 'string')
  return named?.slice(0, 120).replace(/[^/]*$/, '')
}

function keysIn(list: unknown): unknown[] {
  if (!Array.isArray(list)) return []
  const first = (list[0] ?? {}) as {put?: unknown; delete?: unknown; key?: unknown}
  return [first.put, first.delete, first.key]
}
