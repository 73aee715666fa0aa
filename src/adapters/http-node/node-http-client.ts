// node:http and node:https, tried on Node 20.20. Quirks: names below `.localhost` reach this machine without asking
// DNS; a kept-alive connection may be closed by the server at the moment a request is written to it, which is why
// requests that may not be repeated get a connection of their own.
import http from 'node:http'
import https from 'node:https'
import type net from 'node:net'

import {
  type HttpClient,
  type HttpFailure,
  type HttpOutcome,
  type HttpPhase,
  type HttpRequest,
} from '../../contracts/http-client.js'
import {decodeBody} from './decode-body.js'
import {classifyError, ExchangeFault, messageOf} from './failures.js'
import {guardedLookup, literalAddress} from './lookup.js'

const defaultMaxBodyBytes = 10 * 1_024 * 1_024
const repeatable = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

/** Keeps connections alive between requests to the same origin; follows no redirects and uses no proxy. */
export class NodeHttpClient implements HttpClient {
  private readonly plain = new http.Agent({keepAlive: true})
  private readonly secure = new https.Agent({keepAlive: true})

  async send(request: HttpRequest): Promise<HttpOutcome> {
    const url = URL.canParse(request.url) ? new URL(request.url) : undefined
    if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
      return failed('invalid', 'connect', 'the address is not one of http or https', 0)
    const first = await this.exchange(url, request)
    // A kept-alive connection that the server had just closed says nothing about the server.
    const wasStale = first.isReused && first.outcome.kind === 'failed' && first.outcome.cause === 'reset'
    if (!wasStale || request.signal?.aborted === true) return first.outcome
    return (await this.exchange(url, request, false)).outcome
  }

  close(): void {
    this.plain.destroy()
    this.secure.destroy()
  }

  private exchange(
    url: URL,
    request: HttpRequest,
    mayReuse: boolean = repeatable.has(request.method),
  ): Promise<{outcome: HttpOutcome; isReused: boolean}> {
    const agent = url.protocol === 'https:' ? this.secure : this.plain
    return new Exchange(url, request, mayReuse ? agent : false).run()
  }
}

class Exchange {
  private phase: HttpPhase = 'connect'
  private readonly started = performance.now()
  private isReused = false

  constructor(
    private readonly url: URL,
    private readonly request: HttpRequest,
    private readonly agent: http.Agent | false,
  ) {}

  async run(): Promise<{outcome: HttpOutcome; isReused: boolean}> {
    return {outcome: await this.outcome(), isReused: this.isReused}
  }

  private outcome(): Promise<HttpOutcome> {
    const {signal, timeoutMillis} = this.request
    if (signal?.aborted === true) return Promise.resolve(failed('aborted', 'connect', '', 0))
    return new Promise((resolve) => {
      const outgoing = this.open()
      if (!(outgoing instanceof http.ClientRequest)) {
        resolve(outgoing)
        return
      }
      const onAbort = () => outgoing.destroy(new ExchangeFault('aborted'))
      const timer = setTimeout(() => outgoing.destroy(new ExchangeFault('timed-out')), timeoutMillis)
      const finish = (outcome: HttpOutcome) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
        resolve(outcome)
      }
      const fail = (error: unknown) => {
        const {cause, detail} = classifyError(error)
        outgoing.destroy()
        finish(failed(cause, this.phase, detail, this.elapsed()))
      }
      signal?.addEventListener('abort', onAbort, {once: true})
      outgoing.on('socket', (socket) => this.watchSocket(outgoing, socket))
      outgoing.on('error', fail)
      outgoing.on('upgrade', () => fail(new ExchangeFault('invalid', 'the server switched protocols')))
      outgoing.on('response', (incoming) => {
        this.phase = 'body'
        this.receive(incoming).then(finish, fail)
      })
      outgoing.end(this.request.body)
    })
  }

  /** Node checks names and values of headers itself and throws at once. */
  private open(): http.ClientRequest | HttpOutcome {
    const {method, permitsAddress} = this.request
    const address = literalAddress(this.url)
    if (address !== undefined && permitsAddress?.(address) === false)
      return failed('not-permitted', 'connect', address, 0)
    try {
      // Before there is a request: setHeader would throw with a connection already under way.
      for (const [name, value] of this.request.headers) {
        http.validateHeaderName(name)
        http.validateHeaderValue(name, value)
      }
      const {request} = this.url.protocol === 'https:' ? https : http
      const outgoing = request(this.url, {method, agent: this.agent, lookup: guardedLookup(permitsAddress)})
      for (const [name, values] of groupedHeaders(this.request.headers)) outgoing.setHeader(name, values)
      if (this.request.body !== undefined) outgoing.setHeader('Content-Length', this.request.body.length)
      return outgoing
    } catch (error) {
      return failed('invalid', 'connect', messageOf(error), 0)
    }
  }

  private watchSocket(outgoing: http.ClientRequest, socket: net.Socket): void {
    this.isReused = outgoing.reusedSocket
    const connected = () => {
      const {remoteAddress} = socket
      this.phase = 'first-byte'
      if (remoteAddress !== undefined && this.request.permitsAddress?.(remoteAddress) === false) {
        this.phase = 'connect'
        outgoing.destroy(new ExchangeFault('not-permitted', remoteAddress))
      }
    }
    if (this.isReused) connected()
    else socket.once(this.url.protocol === 'https:' ? 'secureConnect' : 'connect', connected)
  }

  private async receive(incoming: http.IncomingMessage): Promise<HttpOutcome> {
    const limit = this.request.maxBodyBytes ?? defaultMaxBodyBytes
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > limit) throw new ExchangeFault('body-too-large', `more than ${limit} bytes`)
      chunks.push(chunk)
    }
    const body = await decodeBody(Buffer.concat(chunks), incoming.headers['content-encoding'] ?? '', limit)
    return {
      kind: 'response',
      response: {
        status: incoming.statusCode ?? 0,
        reason: incoming.statusMessage ?? '',
        version: incoming.httpVersion,
        headers: pairs(incoming.rawHeaders),
        body,
        millis: this.elapsed(),
      },
    }
  }

  private elapsed(): number {
    return performance.now() - this.started
  }
}

function failed(cause: HttpFailure, phase: HttpPhase, detail: string, millis: number): HttpOutcome {
  return {kind: 'failed', cause, phase, detail, millis}
}

function groupedHeaders(headers: HttpRequest['headers']): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  const spellings = new Map<string, string>()
  for (const [name, value] of headers) {
    const spelling = spellings.get(name.toLowerCase()) ?? name
    spellings.set(name.toLowerCase(), spelling)
    groups.set(spelling, [...(groups.get(spelling) ?? []), value])
  }
  return groups
}

function pairs(raw: string[]): [string, string][] {
  return Array.from({length: raw.length / 2}, (_, index) => [raw[index * 2] ?? '', raw[index * 2 + 1] ?? ''])
}
