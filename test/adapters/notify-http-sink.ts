import http from 'node:http'
import {type AddressInfo} from 'node:net'

import {NodeHttpClient} from '../../src/adapters/http-node/index.js'

export interface Received {
  url: string
  headers: http.IncomingHttpHeaders
  body: string
}

/** An HTTP server that keeps what it is sent, and answers as it is told: one answer after another, the last one for ever. */
export class HttpSink {
  readonly received: Received[] = []
  answers: {status: number; headers?: Record<string, string>; body?: string}[] = [{status: 200, body: 'ok'}]
  /** Takes requests and never answers. */
  isSilent = false
  readonly client = new NodeHttpClient()
  private readonly server = http.createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      this.received.push({url: request.url ?? '', headers: request.headers, body})
      if (this.isSilent) return
      const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0]
      response.writeHead(answer?.status ?? 200, answer?.headers ?? {}).end(answer?.body ?? '')
    })
  })

  static async start(): Promise<HttpSink> {
    const sink = new HttpSink()
    await new Promise<void>((resolve) => sink.server.listen(0, '127.0.0.1', resolve))
    return sink
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.client.close()
    if (!this.server.listening) return
    await new Promise((resolve) => {
      this.server.close(resolve)
      this.server.closeAllConnections()
    })
  }
}
