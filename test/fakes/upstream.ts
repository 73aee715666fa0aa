import http from 'node:http'
import {type AddressInfo} from 'node:net'
import {type Duplex} from 'node:stream'

/** A service instance made of one HTTP server on a free port of loopback. */
export class Upstream {
  /** What `/readyz` answers. */
  readyStatus = 200
  /** How long each request but the health check takes. */
  delayMillis = 0
  /** Takes requests and hangs up without an answer. */
  hangsUp = false
  /** Of every request but the health checks. */
  readonly urls: string[] = []
  private readonly server: http.Server

  private constructor(readonly name: string) {
    this.server = http.createServer((request, response) => this.answer(request, response))
    this.server.on('upgrade', echo)
    // An idle connection that the instance closes at the wrong moment would count as a lost request.
    this.server.keepAliveTimeout = 75_000
  }

  static async start(name = 'upstream', port = 0): Promise<Upstream> {
    const upstream = new Upstream(name)
    await new Promise<void>((resolve) => upstream.server.listen(port, '127.0.0.1', resolve))
    return upstream
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve())
      this.server.closeAllConnections()
    })
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    if (request.url === '/readyz') {
      response.writeHead(this.readyStatus).end()
      return
    }
    this.urls.push(request.url ?? '')
    if (this.hangsUp) {
      request.socket.destroy()
      return
    }
    setTimeout(() => {
      response.writeHead(200, {'content-type': 'application/json', 'x-upstream': this.name})
      response.end(JSON.stringify({upstream: this.name, url: request.url, headers: request.headers}))
    }, this.delayMillis)
  }
}

/** Whatever protocol is asked for, everything comes back. */
function echo({headers}: http.IncomingMessage, socket: Duplex): void {
  const lines = ['Connection: Upgrade', `Upgrade: ${headers.upgrade ?? ''}`]
  const seen = `X-Connection: ${headers.connection ?? ''}`
  socket.write(`${['HTTP/1.1 101 Switching Protocols', ...lines, seen].join('\r\n')}\r\n\r\n`)
  socket.on('error', () => socket.destroy())
  socket.pipe(socket)
}
