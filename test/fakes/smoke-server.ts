import http from 'node:http'
import {type AddressInfo} from 'node:net'

export interface SmokeServer {
  port: number
  origin: string
  /** What was asked, in order, as `GET /path`. */
  requests: {line: string; headers: http.IncomingHttpHeaders; body: string}[]
  close(): Promise<void>
}

export type SmokeHandler = (
  request: {method: string; url: string; headers: http.IncomingHttpHeaders; body: string; count: number},
  response: http.ServerResponse,
) => void

/** A real server on a free port that remembers what it was asked. */
export async function startSmokeServer(handler: SmokeHandler): Promise<SmokeServer> {
  const requests: SmokeServer['requests'] = []
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const {method = '', url = '', headers} = request
      const body = Buffer.concat(chunks).toString('utf8')
      requests.push({line: `${method} ${url}`, headers, body})
      handler({method, url, headers, body, count: requests.length}, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function sendJson(response: http.ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(value))
}
