import {type IncomingMessage} from 'node:http'
import {performance} from 'node:perf_hooks'

import {type WatchBatch} from '../../contracts/store.js'
import {abortablePause, unlessAborted} from './abort.js'
import {type Gateway, Unanswered} from './gateway.js'
import {Guard} from './guard.js'
import {messagesOf} from './lines.js'
import {type Endpoint} from './options.js'
import {Progress} from './progress.js'
import {type Pulse} from './pulse.js'
import {cancellation, isUndecided, Refusal} from './refusal.js'
import {Survey} from './survey.js'
import {watchPath} from './transport.js'
import {type Answer, arrayOf, eventOf, headerOf, integerOf, rangeOf} from './wire.js'

export interface WatchNeeds {
  gateway: Gateway
  pulse: Pulse
  namespace: string
  reconcileMillis: number
  warn: (text: string) => void
}

export interface WatchRequest {
  prefix: string
  fromRevision: number
  signal: AbortSignal
}

const longestPauseMillis = 5_000

/** A stream that lived this long was a good one, even if it had nothing to tell. */
const steadyMillis = 5_000

/** Outages that last longer than a change of leader are told. */
const failuresToTell = 5

/** What the contract promises of a watch, through lost connections and members. */
export class Watch {
  private readonly survey: Survey
  private readonly progress: Progress
  private readonly signal: AbortSignal
  private clusterId: string | undefined
  private isLost = false
  /** In a row. */
  private failures = 0
  private isTokenRenewed = false

  constructor(
    private readonly needs: WatchNeeds,
    private readonly request: WatchRequest,
  ) {
    this.survey = new Survey(needs.gateway, needs.namespace, request.prefix)
    this.progress = new Progress(request.fromRevision)
    this.signal = request.signal
  }

  /** @throws Refusal where etcd doesn't permit it */
  async *batches(): AsyncGenerator<WatchBatch> {
    while (!this.signal.aborted) {
      try {
        if (!this.isLost && (await this.canResume())) yield* this.follow()
        else this.isLost = true
      } catch (error) {
        if (!this.isLost) this.noteFailure(error)
      }
      if (this.isLost) {
        const revision = await this.revision()
        if (revision === undefined) continue
        yield {kind: 'compacted', revision}
        return
      }
      await this.pause()
    }
  }

  /**
   * Asks a majority first: a stream from a revision that is too high stays silent for ever, and the first event after
   * a compaction can be missing when it was a delete.
   */
  private async canResume(): Promise<boolean> {
    const {progress} = this
    const state = await unlessAborted(this.survey.countAt(progress.seen), this.signal)
    if (state === 'gone') return false
    this.clusterId ??= state.clusterId
    if (progress.seen > 0) progress.count ??= state.count
    return state.clusterId === this.clusterId
  }

  /** One stream, until it ends or is found to be useless. */
  private async *follow(): AsyncGenerator<WatchBatch> {
    this.progress.restart()
    const opening = this.needs.gateway.stream(watchPath, this.creation())
    const {endpoint, response} = await unlessAborted(opening, this.signal, ({response: late}) =>
      late.destroy(),
    )
    const guard = this.guard(endpoint, response)
    const end = () => response.destroy()
    const begun = performance.now()
    this.signal.addEventListener('abort', end, {once: true})
    try {
      for await (const message of messagesOf(response)) {
        yield* this.batchesIn(message, guard)
        if (this.isLost || this.signal.aborted) return
      }
    } finally {
      guard.stop()
      this.signal.removeEventListener('abort', end)
      end()
      if (performance.now() - begun > steadyMillis) this.noteSuccess()
      if (!this.signal.aborted) this.needs.gateway.leave(endpoint)
    }
  }

  private guard(endpoint: Endpoint, response: IncomingMessage): Guard {
    return new Guard({
      survey: this.survey,
      progress: this.progress,
      clusterId: this.clusterId,
      reconcileMillis: this.needs.reconcileMillis,
      isAlive: () => this.needs.pulse.isAlive(endpoint),
      onUseless: () => response.destroy(),
      onLost: () => {
        this.isLost = true
        response.destroy()
      },
    })
  }

  private creation(): object {
    return {
      create_request: {
        ...rangeOf(this.needs.namespace, this.request.prefix),
        start_revision: String(this.progress.seen + 1),
        progress_notify: true,
        fragment: true,
      },
    }
  }

  private *batchesIn(message: Answer, guard: Guard): Generator<WatchBatch> {
    guard.waits()
    if (integerOf(message['compact_revision']) > 0 || headerOf(message).clusterId !== this.clusterId) {
      this.isLost = true
      return
    }
    if (message['canceled'] === true) throw cancellation(message['cancel_reason'])
    // Creating it proves little: it may be ended at once.
    if (message['created'] !== true) this.noteSuccess()
    const events = arrayOf(message['events']).map((event) => eventOf(event, this.needs.namespace))
    for (const batch of this.progress.batchesOf(events, message['fragment'] === true)) {
      guard.rests()
      yield batch
      guard.waits()
      if (this.signal.aborted) return
    }
  }

  private async revision(): Promise<number | undefined> {
    try {
      return await unlessAborted(this.survey.revision(), this.signal)
    } catch (error) {
      this.noteFailure(error)
      await this.pause()
      return undefined
    }
  }

  private noteSuccess(): void {
    this.failures = 0
    this.isTokenRenewed = false
  }

  /** Returns when it's worth to go on. */
  private noteFailure(error: unknown): void {
    if (this.signal.aborted) return
    if (error instanceof TypeError || error instanceof RangeError) throw error
    if (error instanceof Refusal && isUndecided(error) === undefined) {
      if (!this.needs.gateway.isAuthenticated || this.isTokenRenewed) throw error
      this.isTokenRenewed = true
      this.needs.gateway.forgetToken()
    }
    this.failures += 1
    if (this.failures !== failuresToTell) return
    const reason = error instanceof Unanswered ? `: ${error.message}` : ''
    this.needs.warn(`etcd can't be watched; yard waits for it${reason}`)
  }

  private async pause(): Promise<void> {
    const longest = Math.min(longestPauseMillis, 100 * 2 ** Math.min(this.failures, 10))
    await abortablePause(Math.random() * longest, this.signal)
  }
}
