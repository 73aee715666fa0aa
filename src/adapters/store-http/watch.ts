import type http from 'node:http'
import {setTimeout as sleep} from 'node:timers/promises'

import {type WatchBatch} from '../../contracts/store.js'
import {check} from '../../domain/schema.js'
import {wireChanges, wireCompacted} from '../../domain/store-wire.js'
import {type Connection} from './connection.js'
import {EventStreamParser, type ServerEvent} from './event-stream.js'
import {type Answer, BrokenExchange, detailOf, headOf} from './exchange.js'
import {refusal, unreachable} from './failures.js'

export interface WatchRequest {
  connection: Connection
  /** For people. */
  url: string
  prefix: string
  fromRevision: number
  signal: AbortSignal
  /** A connection on which nothing comes for so long is dead: the server pings. */
  silenceMillis: number
  warn: (text: string) => void
}

const firstPauseMillis = 100
const longestPauseMillis = 10_000
/** A connection that lasted so long was a good one. */
const steadyMillis = 5_000
/** The most of a refusal that is read. */
const refusalBytes = 64 * 1_024

/**
 * Follows a server through its restarts: resumes after the last batch that came whole, so that nothing is missed and
 * nothing comes twice. Ends when the signal aborts or the history was compacted.
 * @throws YardError E_CATALOG_AUTH, E_CATALOG_FORBIDDEN and other refusals that trying again can't change.
 */
export async function* watchServer(request: WatchRequest): AsyncGenerator<WatchBatch, void, undefined> {
  const {signal, url, warn} = request
  let seen = request.fromRevision
  let pauseMillis = firstPauseMillis
  let isLost = false
  const isOver = () => signal.aborted
  while (!isOver()) {
    let end: StreamEnd
    const stream = new WatchStream(request, seen)
    try {
      for await (const item of stream.events()) {
        if (isLost) warn(`the catalog ${url} answers again`)
        isLost = false
        if (item === 'opened' || (item.kind === 'changes' && item.revision <= seen)) continue
        yield item
        if (item.kind === 'compacted') return
        seen = item.revision
        pauseMillis = firstPauseMillis
      }
      end = stream.end
    } finally {
      stream.close()
    }
    if (isOver()) return
    // A server that accepts and ends at once is no better than one that refuses.
    if (stream.openMillis > steadyMillis) pauseMillis = firstPauseMillis
    if (end.kind === 'lost') {
      if (!isLost) warn(`${unreachable(url, end.failure).message}; trying again`)
      isLost = true
    }
    await pause(end.kind === 'left-alone' ? end.millis : pauseMillis, signal)
    pauseMillis = Math.min(longestPauseMillis, pauseMillis * 2)
  }
}

type StreamEnd =
  {kind: 'closing'} | {kind: 'left-alone'; millis: number} | {kind: 'lost'; failure: BrokenExchange}

/** One connection of a watch. */
class WatchStream {
  /** Why it ended; set once `events` is through. */
  end: StreamEnd = {kind: 'closing'}
  private readonly outgoing: http.ClientRequest
  private readonly onAbort = () => this.outgoing.destroy()
  private readonly silence: NodeJS.Timeout
  private isSilent = false
  private readonly openedAt = performance.now()

  constructor(
    private readonly request: WatchRequest,
    fromRevision: number,
  ) {
    const query = {prefix: request.prefix, from: String(fromRevision)}
    const call = {method: 'GET', path: '/v1/watch', query, accept: 'text/event-stream'} as const
    this.outgoing = request.connection.open(call, 'watch')
    this.silence = setTimeout(() => {
      this.isSilent = true
      this.outgoing.destroy()
    }, request.silenceMillis)
    request.signal.addEventListener('abort', this.onAbort, {once: true})
  }

  /** How long it has been there. */
  get openMillis(): number {
    return performance.now() - this.openedAt
  }

  /** `opened` once the server accepts, then its batches. Whatever breaks is told by `end`. */
  async *events(): AsyncGenerator<WatchBatch | 'opened', void, undefined> {
    const incoming = await this.response()
    if (incoming === undefined) return
    const head = headOf(incoming)
    if (head.status !== 200 || head.contentType !== 'text/event-stream') {
      await this.endWith({...head, body: await this.start(incoming)})
      return
    }
    yield 'opened'
    const parser = new EventStreamParser()
    try {
      for await (const chunk of incoming as AsyncIterable<Buffer>) {
        this.silence.refresh()
        for (const event of parser.push(chunk)) {
          if (event.name === 'closing') return
          const batch = batchOf(event)
          if (batch !== undefined) yield batch
        }
      }
      this.end = lost('the connection ended')
    } catch (error) {
      this.end = this.isSilent ? lost('it went silent') : lost(detailOf(error))
    }
  }

  close(): void {
    clearTimeout(this.silence)
    this.request.signal.removeEventListener('abort', this.onAbort)
    this.outgoing.destroy()
  }

  private response(): Promise<http.IncomingMessage | undefined> {
    return new Promise((resolve) => {
      this.outgoing.on('response', (incoming) => {
        this.silence.refresh()
        resolve(incoming)
      })
      this.outgoing.on('error', (error) => {
        this.end = this.isSilent ? lost('it does not answer') : lost(detailOf(error))
        resolve(undefined)
      })
      this.outgoing.on('close', () => resolve(undefined))
    })
  }

  /** A refusal that stays one is thrown; everything else is worth another try. */
  private async endWith(answer: Answer): Promise<void> {
    const {retryAfterMillis, status} = answer
    const failure = refusal(this.request.url, answer)
    if (status === 429 || (status === 503 && retryAfterMillis !== undefined)) {
      this.end = {kind: 'left-alone', millis: retryAfterMillis ?? 1_000}
    } else if (status < 500 && failure.code !== 'E_CATALOG_UNREACHABLE') {
      throw failure
    } else this.end = lost(failure.why)
  }

  private async start(incoming: http.IncomingMessage): Promise<string> {
    let text = ''
    try {
      for await (const chunk of incoming as AsyncIterable<Buffer>) {
        text += chunk.toString('utf8')
        if (text.length > refusalBytes) break
      }
    } catch {
      // What came before says enough.
    }
    return text
  }
}

/** Undefined for events that a newer server may send. @throws Error for a batch that isn't one. */
function batchOf({data, name}: ServerEvent): WatchBatch | undefined {
  if (name !== 'changes' && name !== 'compacted') return undefined
  const value: unknown = JSON.parse(data)
  if (name === 'compacted') {
    const checked = check(wireCompacted, value)
    if (checked.ok) return {kind: 'compacted', revision: checked.value.revision}
  } else {
    const checked = check(wireChanges, value)
    if (checked.ok) return {kind: 'changes', ...checked.value}
  }
  throw new Error('it sends what "yard serve" does not')
}

function lost(detail: string): StreamEnd {
  return {kind: 'lost', failure: new BrokenExchange(detail, true, true)}
}

/** With jitter, so that a hundred hosts don't come back at the same moment. */
async function pause(millis: number, signal: AbortSignal): Promise<void> {
  await sleep(millis * (0.5 + Math.random()), undefined, {signal}).catch(() => undefined)
}
