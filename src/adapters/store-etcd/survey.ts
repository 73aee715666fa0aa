import {type Gateway} from './gateway.js'
import {Refusal} from './refusal.js'
import {type Answer, arrayOf, headerOf, integerOf, rangeOf} from './wire.js'

/** What is below a prefix, as a majority knows it. Nothing here is answered by a member that may be behind. */
export class Survey {
  private readonly range: {key: string; range_end: string}

  constructor(
    private readonly gateway: Gateway,
    namespace: string,
    prefix: string,
  ) {
    this.range = rangeOf(namespace, prefix)
  }

  /**
   * How many keys there were at a revision (now, for 0); 'gone' when that history was forgotten or the store isn't as far.
   * @throws Unanswered, Refusal
   */
  async countAt(revision: number): Promise<{count: number; clusterId: string} | 'gone'> {
    try {
      const answer = await this.ask({count_only: true, revision: String(revision)})
      return {count: integerOf(answer['count']), clusterId: headerOf(answer).clusterId}
    } catch (error) {
      if (error instanceof Refusal && (error.isCompacted || error.isFuture)) return 'gone'
      throw error
    }
  }

  /** How many keys there are now, and the revision of the newest. */
  async newest(): Promise<{count: number; modRevision: number; revision: number; clusterId: string}> {
    const answer = await this.ask({sort_order: 'DESCEND', sort_target: 'MOD', limit: '1', keys_only: true})
    const [kv] = arrayOf(answer['kvs'])
    const {revision, clusterId} = headerOf(answer)
    return {
      count: integerOf(answer['count']),
      modRevision: integerOf(kv?.['mod_revision']),
      revision,
      clusterId,
    }
  }

  /** The store's revision. */
  async revision(): Promise<number> {
    return headerOf(await this.ask({count_only: true})).revision
  }

  private ask(request: object): Promise<Answer> {
    return this.gateway.call('/v3/kv/range', {...this.range, ...request}, {isRepeatable: true})
  }
}
