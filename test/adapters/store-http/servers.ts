import http from 'node:http'
import type net from 'node:net'

export interface ScriptedServer {
  url: string
  port: number
  /** What was asked, in order: `GET /v1/entry`. */
  asked: string[]
  /** The headers of the last request. */
  headers: http.IncomingHttpHeaders
  close(): Promise<void>
}

/** A server that answers as a test wants it to. */
export async function scriptedServer(answer: http.RequestListener): Promise<ScriptedServer> {
  const server = http.createServer((request, response) => {
    scripted.asked.push(`${request.method ?? ''} ${(request.url ?? '').split('?', 1)[0] ?? ''}`)
    scripted.headers = request.headers
    answer(request, response)
  })
  const port = await listening(server)
  const scripted: ScriptedServer = {
    url: `http://127.0.0.1:${port}`,
    port,
    asked: [],
    headers: {},
    close: () => {
      server.closeAllConnections()
      return closed(server)
    },
  }
  return scripted
}

function listening(server: net.Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port))
  })
}

function closed(server: net.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}
