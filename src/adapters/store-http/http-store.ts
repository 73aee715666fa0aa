import {setTimeout as sleep} from 'node:timers/promises'

import {
  type Compare,
  maxTransactionWrites,
  type Store,
  type StoreEntry,
  type StorePart,
  type StoreRange,
  type TransactResult,
  type WatchBatch,
  type Write,
} from '../../contracts/store.js'
import {check} from '../../domain/schema.js'
import {checkStoreTransaction} from '../../domain/store-text.js'
import * as wire from '../../domain/store-wire.js'
import {YardError} from '../../errors.js'
import {serverAddress, usableToken} from './address.js'
import {Connection, type OutgoingCall} from './connection.js'
import {type Answer, BrokenExchange, exchange} from './exchange.js'
import {notYard, refusal, unknownOutcome, unreachable} from './failures.js'
import {watchServer} from './watch.js'

export interface HttpStoreOptions {
  /** `https://yard.example.org`, or a path below it. */
  url: string
  token?: string
  /** PEM of the authority that made the server's certificate; those the system trusts without it. */
  ca?: string
  /** Hears what does not stop the work, such as a watch that lost its server for a while. */
  warn?: (text: string) => void
  /** The longest wait for a sign of life of one call; all of a call may take four times this. */
  callTimeoutMillis?: number
  /** The longest silence of a watch; the server says something every 15 s. */
  watchSilenceMillis?: number
}

/** A store that knows under which name the server knows us. */
export interface HttpStore extends Store {
  /** The name of the token in use; undefined without a token. @throws YardError as reading does. */
  tokenName(): Promise<string | undefined>
}

/**
 * Asks nothing of the server yet.
 * @throws YardError E_CATALOG_URL, E_CATALOG_AUTH when the address or the token can't be used.
 */
export async function openHttpStore(options: HttpStoreOptions): Promise<HttpStore> {
  return new RemoteStore(options)
}

const defaultTimeoutMillis = 10_000
const defaultSilenceMillis = 45_000

const mebibyte = 1_048_576
/** 30,000 records are about 10 MB. */
const largestRangeBytes = 256 * mebibyte
const largestAnswerBytes = 8 * mebibyte

/** Taken from `check`, because only `domain` knows the library of the schemas. */
type Schema = Parameters<typeof check>[0]
type Output<S extends Schema> = Extract<ReturnType<typeof check<S>>, {ok: true}>['value']

/** How a call may be tried again: a read once when the connection broke, a write never. */
type Effect = 'reads' | 'writes'

class RemoteStore implements HttpStore {
  readonly url: string
  private readonly connection: Connection
  private readonly closing = new AbortController()
  private readonly timeoutMillis: number

  constructor(private readonly options: HttpStoreOptions) {
    const token = usableToken(options.token)
    const server = serverAddress(options.url, token)
    this.url = server.href.replace(/\/+$/, '')
    this.timeoutMillis = options.callTimeoutMillis ?? defaultTimeoutMillis
    this.connection = new Connection({
      server,
      ...(token !== undefined && {token}),
      ...(options.ca !== undefined && {ca: options.ca}),
    })
  }

  async get(key: string): Promise<StoreEntry | undefined> {
    const call = {method: 'GET', path: '/v1/entry', query: {key}} as const
    const {entry} = await this.ask(
      'reads',
      call,
      wire.wireFound,
      ({entry: found}) => (found?.key ?? key) === key,
    )
    return entry
  }

  async range(prefix: string): Promise<StoreRange> {
    const call = {method: 'GET', path: '/v1/range', query: {prefix}} as const
    return this.ask('reads', call, wire.wireRange, ({entries}) =>
      entries.every(({key}) => key.startsWith(prefix)),
    )
  }

  async transact(compares: readonly Compare[], writes: readonly Write[]): Promise<TransactResult> {
    checkStoreTransaction(compares, writes, maxTransactionWrites)
    const call = {method: 'POST', path: '/v1/transact', body: {compares, writes}} as const
    return this.ask(writes.length === 0 ? 'reads' : 'writes', call, wire.wireTransacted)
  }

  watch(prefix: string, fromRevision: number, signal: AbortSignal): AsyncIterable<WatchBatch> {
    return watchServer({
      connection: this.connection,
      url: this.url,
      prefix,
      fromRevision,
      signal: AbortSignal.any([signal, this.closing.signal]),
      silenceMillis: this.options.watchSilenceMillis ?? defaultSilenceMillis,
      warn: this.options.warn ?? (() => undefined),
    })
  }

  async grantLease(ttlMillis: number): Promise<string> {
    const call = {method: 'POST', path: '/v1/leases', body: {ttlMillis}} as const
    return (await this.ask('writes', call, wire.wireLease)).lease
  }

  /** Renewing twice does no harm, so a broken connection is tried again. */
  async renewLease(lease: string): Promise<boolean> {
    const call = {method: 'POST', path: '/v1/leases/renew', body: {lease}} as const
    return (await this.ask('reads', call, wire.wireRenewed)).renewed
  }

  async revokeLease(lease: string): Promise<void> {
    const call = {method: 'POST', path: '/v1/leases/revoke', body: {lease}} as const
    await this.ask('reads', call, wire.wireRevoked)
  }

  async leaseMillisLeft(lease: string): Promise<number | undefined> {
    const call = {method: 'GET', path: '/v1/leases/left', query: {lease}} as const
    return (await this.ask('reads', call, wire.wireLeaseLeft)).millisLeft
  }

  async health(): Promise<StorePart[]> {
    try {
      const {parts, version} = await this.ask('reads', {method: 'GET', path: '/v1/health'}, wire.wireHealth)
      return [{name: this.url, isHealthy: true, detail: `yard serve ${version}`}, ...parts]
    } catch (error) {
      if (!(error instanceof YardError)) throw error
      return [{name: this.url, isHealthy: false, detail: error.why}]
    }
  }

  async tokenName(): Promise<string | undefined> {
    if (this.options.token === undefined) return undefined
    return (await this.ask('reads', {method: 'GET', path: '/v1/me'}, wire.wireMe)).name
  }

  async close(): Promise<void> {
    this.closing.abort()
    this.connection.close()
  }

  /** One call, tried again where that is safe, and its answer checked. */
  private async ask<S extends Schema>(
    effect: Effect,
    call: OutgoingCall,
    schema: S,
    isPlausible: (value: Output<S>) => boolean = () => true,
  ): Promise<Output<S>> {
    if (this.closing.signal.aborted) throw new Error('the store is closed')
    const answer = await this.answer(effect, call)
    if (answer.status < 200 || answer.status > 299) throw refusal(this.url, answer)
    const checked = check(schema, parsed(answer))
    if (!checked.ok || !isPlausible(checked.value)) throw notYard(this.url, answer)
    return checked.value
  }

  private async answer(effect: Effect, call: OutgoingCall): Promise<Answer> {
    const deadline = performance.now() + 4 * this.timeoutMillis
    let mayRetry = true
    for (;;) {
      try {
        const answer = await exchange(this.connection, call, {
          timeoutMillis: this.timeoutMillis,
          totalMillis: deadline - performance.now(),
          maxBytes: call.path === '/v1/range' ? largestRangeBytes : largestAnswerBytes,
        })
        // Asked too often: nothing was done yet, so that even a write may be sent again.
        if (answer.status !== 429 || !(await this.waitsOut(answer, deadline))) return answer
      } catch (error) {
        if (!(error instanceof BrokenExchange)) throw error
        if (this.closing.signal.aborted) throw new Error('the store is closed', {cause: error})
        if (effect === 'writes' && error.mayHaveArrived) throw unknownOutcome(this.url, error)
        if (!mayRetry || !error.isBroken || !error.mayHaveArrived) throw unreachable(this.url, error)
        mayRetry = false
      }
    }
  }

  /** False when the server asks for more patience than the deadline leaves. */
  private async waitsOut({retryAfterMillis = 1_000}: Answer, deadline: number): Promise<boolean> {
    const pauseMillis = retryAfterMillis + Math.random() * 250
    if (performance.now() + pauseMillis > deadline) return false
    await sleep(pauseMillis, undefined, {signal: this.closing.signal}).catch(() => undefined)
    return true
  }
}

/** Undefined when it isn't JSON, which no schema accepts. */
function parsed({body, contentType}: Answer): unknown {
  if (contentType !== 'application/json') return undefined
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
