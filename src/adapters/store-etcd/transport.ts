import http from 'node:http'
import https from 'node:https'
import {isIP} from 'node:net'
import {type ConnectionOptions} from 'node:tls'

import {secureContextOf} from './certificates.js'
import {type Endpoint, type EtcdTls} from './options.js'
import {isAboutClientCertificate, reasonOf} from './reasons.js'

/** One member could not be asked, or broke off before its answer was whole. */
export class NoAnswer extends Error {
  constructor(
    /** A clause about the member: "refused the connection". */
    readonly reason: string,
    /** Whether any of the request may have reached the member. */
    readonly wasSent: boolean,
    /** The connection was never made: asking again soon helps little. */
    readonly isUnconnected = false,
  ) {
    super(reason)
  }
}

/** A page of entries that is better asked for in smaller pages. */
export class TooLarge extends Error {}

export interface PostOptions {
  token?: string | undefined
  /** The longest silence, before the answer and in it. */
  silenceMillis: number
  /** For all of it. Streams have no such end once they began. */
  totalMillis: number
}

const speaksTls = "hung up without a word, as one does that speaks TLS; the catalog's URL says plain HTTP"
const speaksNoTls = "hung up without a word, as one does that speaks plain HTTP; the catalog's URL says TLS"

export const watchPath = '/v3/watch'

/** What no answer of etcd reaches that yard asks for: a page is halved before it gets this large. */
const largestAnswerBytes = 32 * 1024 * 1024

/** Speaks HTTP to members: plain or TLS, over connections that are kept. */
export class Transport {
  private readonly agent: http.Agent
  private readonly streams = new Set<http.ClientRequest>()

  private readonly secured: ConnectionOptions
  /** Members that have answered anything at all. */
  private readonly answered = new Set<string>()

  /** @throws YardError E_CATALOG_AUTH for certificates that can't be used */
  constructor(private readonly tls: EtcdTls | undefined) {
    this.secured = tls === undefined ? {} : {secureContext: secureContextOf(tls)}
    const options = {keepAlive: true, maxSockets: 64}
    this.agent = tls === undefined ? new http.Agent(options) : new https.Agent(options)
  }

  /**
   * One POST with its whole answer.
   * @throws NoAnswer
   */
  async post(
    endpoint: Endpoint,
    path: string,
    body: string,
    options: PostOptions,
  ): Promise<{status: number; text: string}> {
    const {request, response} = await this.begin(endpoint, path, body, options, this.agent)
    const chunks: Buffer[] = []
    let size = 0
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        size += chunk.length
        if (size > largestAnswerBytes) throw new TooLarge()
        chunks.push(chunk)
      }
    } catch (error) {
      request.destroy()
      throw error instanceof TooLarge ? error : this.noAnswer(error, true)
    }
    return {status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8')}
  }

  /**
   * One POST whose answer goes on, over a connection of its own. Destroying the response ends it.
   * @throws NoAnswer when the answer does not begin in time
   */
  async stream(
    endpoint: Endpoint,
    path: string,
    body: string,
    options: PostOptions,
  ): Promise<http.IncomingMessage> {
    const {request, response} = await this.begin(endpoint, path, body, options, false)
    this.streams.add(request)
    response.once('close', () => {
      this.streams.delete(request)
      request.destroy()
    })
    return response
  }

  /** Breaks off what is under way. */
  close(): void {
    for (const request of this.streams) request.destroy()
    this.agent.destroy()
  }

  private begin(
    {name, host, port}: Endpoint,
    path: string,
    body: string,
    options: PostOptions,
    agent: http.Agent | false,
  ): Promise<{request: http.ClientRequest; response: http.IncomingMessage}> {
    const target = {host, port, path, method: 'POST', headers: headersOf(path, body, options.token), agent}
    return new Promise((resolve, reject) => {
      const request =
        this.tls === undefined
          ? http.request(target)
          : https.request({...target, ...this.secured, ...serverName(this.tls, host)})
      const isSent = whetherSent(request, this.tls !== undefined)
      const giveUp = (millis: number) => () =>
        request.destroy(new NoAnswer(silent(millis), isSent(), !isSent()))
      const {silenceMillis, totalMillis} = options
      // A timer, not the socket's own timeout: that one begins when there is a connection.
      const first = setTimeout(giveUp(silenceMillis), silenceMillis)
      const last = setTimeout(giveUp(totalMillis), totalMillis)
      request.once('response', (response) => {
        clearTimeout(first)
        this.answered.add(name)
        if (agent === false) clearTimeout(last)
        else request.setTimeout(silenceMillis, giveUp(silenceMillis))
        resolve({request, response})
      })
      request.once('close', () => {
        clearTimeout(first)
        clearTimeout(last)
      })
      request.on('error', (error) => reject(this.beforeAnswer(error, isSent(), name)))
      request.end(body)
    })
  }

  /** Who is spoken to in TLS and expects plain HTTP hangs up without a word; the reverse, too. */
  private beforeAnswer(error: unknown, wasSent: boolean, name: string): NoAnswer {
    const isHungUp = (error as {code?: string}).code === 'ECONNRESET' && !this.answered.has(name)
    if (isHungUp && this.tls === undefined && wasSent) return new NoAnswer(speaksTls, true, true)
    if (isHungUp && this.tls !== undefined && !wasSent) return new NoAnswer(speaksNoTls, false, true)
    return this.noAnswer(error, wasSent)
  }

  private noAnswer(error: unknown, wasSent: boolean): NoAnswer {
    if (error instanceof NoAnswer) return error
    // A member that wants another certificate says so after the handshake, and reads nothing of the request.
    const isRefused = isAboutClientCertificate(error)
    return new NoAnswer(reasonOf(error, this.tls), wasSent && !isRefused, !wasSent || isRefused)
  }
}

function headersOf(path: string, body: string, token: string | undefined): Record<string, string | number> {
  return {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    // A member that has lost the others ends its watches instead of staying silent.
    ...(path === watchPath ? {'grpc-metadata-hasleader': 'true'} : {}),
    ...(token === undefined ? {} : {authorization: token}),
  }
}

/** Bytes leave only over a connection that is made: over a kept one at once, over a new one once it's open. */
function whetherSent(request: http.ClientRequest, isTls: boolean): () => boolean {
  let wasSent = false
  request.once('socket', (socket) => {
    if (!socket.connecting) wasSent = true
    else socket.once(isTls ? 'secureConnect' : 'connect', () => (wasSent = true))
  })
  return () => wasSent
}

function serverName(tls: EtcdTls, host: string): https.RequestOptions {
  if (tls.serverName !== undefined) return {servername: tls.serverName}
  return isIP(host) === 0 ? {servername: host} : {}
}

function silent(timeoutMillis: number): string {
  return `didn't answer within ${Number((timeoutMillis / 1000).toFixed(1))} s`
}
