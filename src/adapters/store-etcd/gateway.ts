import {type IncomingMessage} from 'node:http'
import {performance} from 'node:perf_hooks'
import {setTimeout as pause} from 'node:timers/promises'

import {type Endpoint, type EtcdStoreOptions, parseEndpoints} from './options.js'
import {isOutdatedToken, isUndecided, Refusal, refusalIn} from './refusal.js'
import {NoAnswer, TooLarge, Transport} from './transport.js'
import {type Answer, BadAnswer, objectOf, parseAnswer} from './wire.js'

/** No member answered in time. */
export class Unanswered extends Error {
  constructor(
    /** The last reason of each member that was asked. */
    readonly reasons: ReadonlyMap<string, string>,
    /** Whether a member may have got the request. */
    readonly wasSent: boolean,
  ) {
    super([...reasons].map(([name, reason]) => `${name} ${reason}`).join('; '))
  }
}

export interface CallOptions {
  /** It may be sent again to another member although the first may have got it. */
  isRepeatable: boolean
  /** As of `performance.now()`; default: the time for one call. */
  deadline?: number
}

/** Where the connection itself never works, more rounds than this change nothing. */
const roundsWithoutConnection = 3

/** etcd's JSON gateway on several members: one is used until it doesn't answer, then the next. */
export class Gateway {
  readonly endpoints: readonly Endpoint[]
  readonly callTimeoutMillis: number
  private readonly transport: Transport
  private current: number
  private token: string | undefined
  private authentication: Promise<void> | undefined
  private isClosed = false

  constructor(private readonly options: EtcdStoreOptions) {
    this.endpoints = parseEndpoints(options.endpoints)
    this.callTimeoutMillis = options.callTimeoutMillis ?? 5_000
    this.transport = new Transport(options.tls)
    // Any of them, so that many clients don't all use the first.
    this.current = Math.floor(Math.random() * this.endpoints.length)
  }

  /**
   * Asks members, one after the other, until one answers or the time is over.
   * @throws Unanswered, Refusal for what etcd itself refuses, TooLarge, BadAnswer
   */
  async call(path: string, body: object, {isRepeatable, deadline}: CallOptions): Promise<Answer> {
    const end = deadline ?? performance.now() + this.callTimeoutMillis
    const text = JSON.stringify(body)
    const reasons = new Map<string, string>()
    let wasSent = false
    let connections = 0
    for (let turn = 1; ; turn++) {
      const endpoint = this.endpoint()
      try {
        return await this.ask(endpoint, path, text, end)
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error
        this.checkOpen()
        reasons.set(endpoint.name, error.reason)
        wasSent ||= error.wasSent
        if (!error.isUnconnected) connections += 1
        this.leave(endpoint)
      }
      const isHopeless = connections === 0 && turn >= this.endpoints.length * roundsWithoutConnection
      if (isHopeless || (wasSent && !isRepeatable)) throw new Unanswered(reasons, wasSent)
      if (turn % this.endpoints.length === 0) await pause(50 + Math.random() * 100)
      if (performance.now() >= end) throw new Unanswered(reasons, wasSent)
    }
  }

  /**
   * Asks one member once.
   * @throws NoAnswer, and as `call` does
   */
  async ask(endpoint: Endpoint, path: string, text: string, deadline: number): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const token = await this.authenticated(endpoint, deadline)
      try {
        return await this.post(endpoint, path, text, deadline, token)
      } catch (error) {
        if (!(error instanceof Refusal && this.canRenewToken(error, token)) || attempt > 1) throw error
      }
    }
  }

  /**
   * A stream from the member in use.
   * @throws NoAnswer, after which another member is in use
   */
  async stream(path: string, body: object): Promise<{endpoint: Endpoint; response: IncomingMessage}> {
    this.checkOpen()
    const endpoint = this.endpoint()
    const deadline = performance.now() + this.callTimeoutMillis
    try {
      const token = await this.authenticated(endpoint, deadline)
      const times = this.times(deadline)
      const response = await this.transport.stream(endpoint, path, JSON.stringify(body), {token, ...times})
      return {endpoint, response}
    } catch (error) {
      this.leave(endpoint)
      throw error
    }
  }

  /** The member to use next, when this one doesn't work. */
  leave(endpoint: Endpoint): void {
    if (this.endpoint() === endpoint) this.current = (this.current + 1) % this.endpoints.length
  }

  /** A watch with an old token is refused like one that isn't permitted; whoever can't tell asks for a new one. */
  forgetToken(): void {
    this.token = undefined
  }

  get isAuthenticated(): boolean {
    return this.options.user !== undefined
  }

  checkOpen(): void {
    if (this.isClosed) throw new Error('the store is closed')
  }

  close(): void {
    this.isClosed = true
    this.transport.close()
  }

  private endpoint(): Endpoint {
    const endpoint = this.endpoints[this.current]
    if (endpoint === undefined) throw new RangeError('no such member')
    return endpoint
  }

  private async post(
    endpoint: Endpoint,
    path: string,
    text: string,
    deadline: number,
    token: string | undefined,
  ): Promise<Answer> {
    this.checkOpen()
    const {status, text: answered} = await this.transport.post(endpoint, path, text, {
      token,
      ...this.times(deadline),
    })
    const answer = this.parse(answered, status)
    const refusal = refusalIn(answer)
    if (refusal === undefined) return answer['result'] === undefined ? answer : objectOf(answer['result'])
    const undecided = isUndecided(refusal)
    if (undecided !== undefined) throw new NoAnswer(`answered "${refusal.message}"`, undecided.mayBeDone)
    throw refusal
  }

  private parse(text: string, status: number): Answer {
    try {
      return parseAnswer(text)
    } catch (error) {
      if (!(error instanceof BadAnswer)) throw error
      if (text.includes('HTTP request to an HTTPS server')) {
        throw new NoAnswer("speaks TLS on this port, and the catalog's URL doesn't ask for it", false, true)
      }
      // Something in between, such as a proxy; whether it passed the request on is unknown.
      throw new NoAnswer(`answered with HTTP ${status} and no JSON: it is no etcd with its gateway on`, true)
    }
  }

  /** Several members: a silent one may use a third of the time, so that the others get theirs. */
  private times(deadline: number): {silenceMillis: number; totalMillis: number} {
    const totalMillis = Math.max(50, deadline - performance.now())
    const share = this.endpoints.length === 1 ? 0.6 : 0.3
    return {totalMillis, silenceMillis: Math.min(totalMillis, this.callTimeoutMillis * share)}
  }

  private canRenewToken(refusal: Refusal, token: string | undefined): boolean {
    if (this.options.user === undefined || !isOutdatedToken(refusal)) return false
    if (this.token === token) this.token = undefined
    return true
  }

  private async authenticated(endpoint: Endpoint, deadline: number): Promise<string | undefined> {
    if (this.options.user === undefined) return undefined
    if (this.token === undefined) {
      this.authentication ??= this.authenticate(endpoint, deadline).finally(() => {
        this.authentication = undefined
      })
      await this.authentication
    }
    return this.token === '' ? undefined : this.token
  }

  private async authenticate(endpoint: Endpoint, deadline: number): Promise<void> {
    try {
      const body = JSON.stringify(this.options.user)
      const {token} = await this.post(endpoint, '/v3/auth/authenticate', body, deadline, undefined)
      if (typeof token !== 'string' || token === '') throw new BadAnswer('it sent no token')
      this.token = token
    } catch (error) {
      // Asking for a token changes nothing, so whatever needed it was not sent.
      if (error instanceof NoAnswer) throw new NoAnswer(error.reason, false, error.isUnconnected)
      if (!(error instanceof Refusal && error.isAuthenticationOff)) throw error
      this.token = ''
      this.options.warn?.('etcd has no users turned on: everybody who reaches it can read and write it')
    }
  }
}

export {TooLarge}
