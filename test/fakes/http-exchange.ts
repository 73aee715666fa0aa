import {once} from 'node:events'
import type net from 'node:net'
import {type AddressInfo} from 'node:net'

import {NodeHttpClient} from '../../src/adapters/http-node/index.js'
import {type HttpOutcome, type HttpRequest} from '../../src/contracts/http-client.js'
import {type SmokeHandler, type SmokeServer, startSmokeServer} from './smoke-server.js'

const cleanups: (() => Promise<void> | void)[] = []
let client = new NodeHttpClient()

/** Closes what the tests of a file opened; for `afterEach`. */
export async function cleanUp(): Promise<void> {
  client.close()
  client = new NodeHttpClient()
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
}

export async function serve(handler: SmokeHandler): Promise<SmokeServer> {
  const server = await startSmokeServer(handler)
  cleanups.push(() => server.close())
  return server
}

export async function listen(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets = new Set<net.Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

export function send(request: Partial<HttpRequest> & {url: string}): Promise<HttpOutcome> {
  return client.send({method: 'GET', headers: [], timeoutMillis: 5_000, ...request})
}

export function bodyOf(outcome: HttpOutcome): string {
  return outcome.kind === 'response'
    ? Buffer.from(outcome.response.body).toString()
    : `${outcome.cause} ${outcome.detail}`
}

export function headersOf(outcome: HttpOutcome): [string, string][] {
  return outcome.kind === 'response' ? outcome.response.headers : []
}
