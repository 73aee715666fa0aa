import http from 'node:http'

import {type DoorPages, type OpenDoor, type SidecarDoor} from '../../contracts/sidecar-door.js'

const address = '127.0.0.1'
const askMillis = 2_000
const largestAnswerBytes = 1024 * 1024
const requestMillis = 5_000
const mostConnections = 32

export class LoopbackDoor implements SidecarDoor {
  async open(port: number, pages: DoorPages): Promise<OpenDoor | undefined> {
    const server = http.createServer(
      {
        maxHeaderSize: 8 * 1024,
        headersTimeout: requestMillis,
        requestTimeout: requestMillis,
        keepAliveTimeout: requestMillis,
        connectionsCheckingInterval: 1_000,
      },
      (request, response) => answer(request, response, pages),
    )
    server.maxConnections = mostConnections
    server.maxRequestsPerSocket = 100
    server.on('clientError', (_error, socket) => socket.destroy())
    if (!(await listens(server, port))) return undefined
    return {
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve())
          server.closeAllConnections()
        }),
    }
  }

  ask(port: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      const request = http.get(
        {host: address, port, path: '/status', agent: false, signal: AbortSignal.timeout(askMillis)},
        (response) => {
          void bodyOf(response).then(
            (body) => resolve(response.statusCode === 200 ? body : undefined),
            () => resolve(undefined),
          )
        },
      )
      request.on('error', () => resolve(undefined))
    })
  }
}

function answer(request: http.IncomingMessage, response: http.ServerResponse, pages: DoorPages): void {
  // A body is nobody's business here; the connection that brings one ends with the answer.
  request.resume()
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  const [status, type, text] = pageFor(request, hasBody, pages)
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 405 && {allow: 'GET, HEAD'}),
    ...(hasBody && {connection: 'close'}),
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}

const plain = 'text/plain; charset=utf-8'

function pageFor(
  request: http.IncomingMessage,
  hasBody: boolean,
  pages: DoorPages,
): readonly [number, string, string] {
  if (!isThisMachine(request.headers.host ?? ''))
    return [403, plain, 'the Host header names another machine\n']
  if (request.method !== 'GET' && request.method !== 'HEAD') return [405, plain, 'this can only be read\n']
  if (hasBody) return [413, plain, 'no body is read here\n']
  if (request.url === '/status') return [200, 'application/json', `${JSON.stringify(pages.status())}\n`]
  if (request.url === '/metrics') return [200, 'text/plain; version=0.0.4; charset=utf-8', pages.metrics()]
  return [404, plain, 'there are /status and /metrics\n']
}

function isThisMachine(host: string): boolean {
  return /^(?:localhost|127\.0\.0\.1)(?::\d{1,5})?$/i.test(host)
}

/** False when the port is somebody else's. */
function listens(server: http.Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(error)
    })
    server.listen({host: address, port, exclusive: true}, () => {
      server.removeAllListeners('error')
      server.on('error', () => undefined)
      resolve(true)
    })
  })
}

async function bodyOf(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > largestAnswerBytes) throw new Error('too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
