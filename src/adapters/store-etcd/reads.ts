import {performance} from 'node:perf_hooks'

import {type StoreEntry, type StoreRange} from '../../contracts/store.js'
import {compareKeys} from '../../domain/store-text.js'
import {type Gateway, TooLarge, Unanswered} from './gateway.js'
import {Refusal} from './refusal.js'
import {type Answer, arrayOf, bytesOf, encode, entryOf, headerOf, rangeOf} from './wire.js'

/** Old gateways can't pass on more than 4 MiB, and one answer is one JSON text. */
const pageSize = 1_000

/** How long reads are taken from any one member once the majority didn't answer. */
const staleMillis = 3_000

/** Reads: from the majority where there is one, else from any member, and then it says so. */
export class Reads {
  private staleUntil = 0
  private isOutage = false

  constructor(
    private readonly gateway: Gateway,
    private readonly namespace: string,
    private readonly warn: (text: string) => void,
  ) {}

  async get(key: string): Promise<StoreEntry | undefined> {
    if (key === '') return undefined
    const answer = await this.read({key: encode(this.namespace + key)})
    const [kv] = arrayOf(answer['kvs'])
    return kv && entryOf(kv, this.namespace)
  }

  /** All pages at the revision of the first. */
  async range(prefix: string): Promise<StoreRange> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.pages(prefix)
      } catch (error) {
        // Its revision was compacted meanwhile, or another member answers that isn't as far: from the beginning.
        const isMoved = error instanceof Refusal && (error.isCompacted || error.isFuture)
        if (!isMoved || attempt === 5) throw error
      }
    }
  }

  /** The newest revision that a majority knows; of any member when there is no majority. */
  async revision(): Promise<number> {
    const answer = await this.read({key: encode(`${this.namespace}\0`), count_only: true})
    return headerOf(answer).revision
  }

  private async pages(prefix: string): Promise<StoreRange> {
    const {key: first, range_end} = rangeOf(this.namespace, prefix)
    const entries: StoreEntry[] = []
    let key = first
    let revision: number | undefined
    let limit = pageSize
    for (;;) {
      const pinned = revision === undefined ? {} : {revision: String(revision)}
      const answer = await this.pageOf({key, range_end, ...pinned}, limit)
      limit = answer.limit
      revision ??= headerOf(answer.page).revision
      const kvs = arrayOf(answer.page['kvs'])
      for (const kv of kvs) {
        const entry = entryOf(kv, this.namespace)
        if (entry !== undefined) entries.push(entry)
        else this.warn(`an entry of the catalog has a key that is no text, and is left out: ${shown(kv)}`)
      }
      const last = kvs.at(-1)
      if (answer.page['more'] !== true || last === undefined) break
      key = Buffer.concat([bytesOf(last['key']), Buffer.from([0])]).toString('base64')
    }
    entries.sort((left, right) => compareKeys(left.key, right.key))
    return {entries, revision}
  }

  /** One page, with fewer entries where they are too large. */
  private async pageOf(request: object, wanted: number): Promise<{page: Answer; limit: number}> {
    for (let limit = wanted; ; limit = Math.ceil(limit / 4)) {
      try {
        return {page: await this.read({...request, limit: String(limit)}), limit}
      } catch (error) {
        const isTooLarge = error instanceof TooLarge || (error instanceof Refusal && error.isRequestTooLarge)
        if (!isTooLarge || limit === 1) throw error
      }
    }
  }

  private async read(request: object): Promise<Answer> {
    if (performance.now() < this.staleUntil)
      return this.readStale(request, performance.now() + this.gateway.callTimeoutMillis)
    // In an outage a quick look whether it's over, not the whole time for each read.
    const patience = this.gateway.callTimeoutMillis * (this.isOutage ? 0.3 : 1)
    try {
      const answer = await this.gateway.call('/v3/kv/range', request, {
        isRepeatable: true,
        deadline: performance.now() + patience,
      })
      this.isOutage = false
      return answer
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error
      return this.afterOutage(request, error)
    }
  }

  private async afterOutage(request: object, outage: Unanswered): Promise<Answer> {
    const answer = await this.readStale(
      request,
      performance.now() + this.gateway.callTimeoutMillis * 0.4,
    ).catch(() => undefined)
    if (answer === undefined) throw outage
    if (!this.isOutage) {
      this.warn(`most members of etcd don't answer (${outage.message}): what is read can be out of date`)
    }
    this.isOutage = true
    this.staleUntil = performance.now() + staleMillis
    return answer
  }

  private readStale(request: object, deadline: number): Promise<Answer> {
    return this.gateway.call('/v3/kv/range', {...request, serializable: true}, {isRepeatable: true, deadline})
  }
}

function shown(kv: Answer): string {
  return JSON.stringify(bytesOf(kv['key']).toString('latin1'))
}
