import type net from 'node:net'

import {errorBody} from './error-answers.js'
import {type ServerLimits} from './limits.js'
import {badRequest} from './refusal.js'

export interface SettingsOptions {
  limits: ServerLimits
  tls: {certificate: string; key: string} | undefined
  isBehindProxy: boolean
}

/** A key of 8,192 characters takes this much in a query, at worst. */
const maxHeaderSize = 96 * 1_024

/** How Fastify and Node's server are set: strict about what comes in, impatient with what comes slowly. */
export function fastifySettings({isBehindProxy, limits, tls}: SettingsOptions) {
  const {bodyBytes, headersMillis, requestMillis} = limits
  const server = {
    headersTimeout: headersMillis,
    connectionsCheckingInterval: Math.max(100, Math.min(headersMillis, requestMillis) / 4),
    maxHeaderSize,
  }
  return {
    bodyLimit: bodyBytes,
    requestTimeout: requestMillis,
    // A request that comes in while the server stops is answered; its connection is closed after it.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Anybody can write X-Forwarded-For; a proxy is on a private network.
    trustProxy: isBehindProxy ? 'loopback, linklocal, uniquelocal' : false,
    exposeHeadRoutes: false,
    ajv: {customOptions: {coerceTypes: false, removeAdditional: false, useDefaults: false}},
    clientErrorHandler: answerBrokenRequest,
    ...(tls === undefined ? {http: server} : {https: {...server, cert: tls.certificate, key: tls.key}}),
  } as const
}

/** What isn't HTTP, or came too slowly, never becomes a request. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: net.Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket.destroyed) {
    socket.destroy()
    return
  }
  const [status, reason, why] = brokenRequests.get(error.code ?? '') ?? [400, 'Bad Request', 'it is not HTTP']
  const body = JSON.stringify(errorBody(badRequest(why, status)))
  const head = `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy())
}

const brokenRequests = new Map<string, [number, string, string]>([
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'Request Timeout', 'it did not come in time']],
  ['HPE_HEADER_OVERFLOW', [431, 'Request Header Fields Too Large', 'its headers are too large']],
])
