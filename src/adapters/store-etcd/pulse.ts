import {performance} from 'node:perf_hooks'

import {type Gateway} from './gateway.js'
import {type Endpoint} from './options.js'
import {NoAnswer} from './transport.js'

/** How old an answer may be that still shows a member to be alive. */
const freshMillis = 4_000
const patienceMillis = 3_000

/**
 * Whether members still answer. A member that is stopped keeps its connections open, and a watch on it would wait for
 * ever. All watches on one member share its answers.
 */
export class Pulse {
  private readonly answers = new Map<Endpoint, {askedAt: number; isAlive: Promise<boolean>}>()

  constructor(private readonly gateway: Gateway) {}

  isAlive(endpoint: Endpoint): Promise<boolean> {
    const known = this.answers.get(endpoint)
    if (known !== undefined && performance.now() - known.askedAt < freshMillis) return known.isAlive
    const isAlive = this.ask(endpoint)
    this.answers.set(endpoint, {askedAt: performance.now(), isAlive})
    return isAlive
  }

  /** Any answer will do, a refusal too. */
  private async ask(endpoint: Endpoint): Promise<boolean> {
    try {
      await this.gateway.ask(endpoint, '/v3/maintenance/status', '{}', performance.now() + patienceMillis)
      return true
    } catch (error) {
      return !(error instanceof NoAnswer)
    }
  }
}
