import http from 'node:http'
import https from 'node:https'

export interface ConnectionOptions {
  server: URL
  token?: string
  /** PEM, instead of the authorities that the system trusts. */
  ca?: string
}

export interface OutgoingCall {
  method: 'GET' | 'POST'
  /** Below the server's address: `/v1/entry`. */
  path: string
  query?: Record<string, string>
  body?: unknown
  accept?: string
}

/** Idle connections are closed before the server closes them (after 72 s), so that no request meets the end of one. */
const idleMillis = 20_000

/** Opens requests to one server and no other: redirects are answers, and no proxy is asked. */
export class Connection {
  readonly isSecure: boolean
  private readonly agent: http.Agent
  private readonly base: string

  constructor(private readonly options: ConnectionOptions) {
    const {ca, server} = options
    const shared = {keepAlive: true, timeout: idleMillis}
    this.isSecure = server.protocol === 'https:'
    this.agent = this.isSecure
      ? new https.Agent({...shared, ...(ca !== undefined && {ca})})
      : new http.Agent(shared)
    this.base = server.href.replace(/\/+$/, '')
  }

  /** A request that is on its way; a watch gets a connection of its own. */
  open(call: OutgoingCall, kind: 'call' | 'watch'): http.ClientRequest {
    const {ca, token} = this.options
    const url = new URL(this.base + call.path)
    url.search = new URLSearchParams(call.query).toString()
    const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body))
    const {request} = this.isSecure ? https : http
    const outgoing = request(url, {
      method: call.method,
      agent: kind === 'call' ? this.agent : false,
      ...(kind === 'watch' && ca !== undefined && {ca}),
      headers: {
        accept: call.accept ?? 'application/json',
        ...(token !== undefined && {authorization: `Bearer ${token}`}),
        ...(body !== undefined && {'content-type': 'application/json', 'content-length': body.length}),
      },
    })
    outgoing.end(body)
    return outgoing
  }

  close(): void {
    this.agent.destroy()
  }
}
