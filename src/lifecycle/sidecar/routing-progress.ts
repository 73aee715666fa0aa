import {type AppliedRouting, type RouterHealth} from '../../contracts/host-router.js'
import {type SidecarStatus} from '../../domain/sidecar-status.js'
import {type FollowedState} from './followed-state.js'

/** A moment by both clocks: one that people read and anybody may set, and one that never goes back. */
export interface Moment {
  at: string
  millis: number
}

/** One time round. */
export interface Turn {
  durationMillis: number
  /** HAProxy was started, or taken over: what it has read then is no reload. */
  isStart: boolean
  now: Moment
}

/** How far a sidecar is, told by what happens to it. Pure: times are given. */
export class RoutingProgress {
  appliedRevision = 0
  appliedAt: string | undefined
  /** Since when HAProxy doesn't follow all of what was seen. */
  behindSince: Moment | undefined
  /** When the catalog was last heard to hold nothing newer. */
  seen: Moment | undefined
  /** When the work last went round, well or not. */
  turnedAt: number | undefined
  generation: string | undefined
  lastChange: SidecarStatus['lastChange']
  readonly reloads = {done: 0, refused: 0, avoided: 0}
  failures = 0
  isReloadOwed = false
  workers = 0
  drift: readonly string[] = []
  /** What the router left out. */
  skipped: readonly string[] = []
  /** What keeps HAProxy from following. */
  problem: string | undefined

  /** The state that is about to be applied. */
  noteState(state: FollowedState, now: Moment): void {
    if (this.seen?.at !== state.seenAt) this.seen = {at: state.seenAt, millis: now.millis}
    if (state.revision !== this.appliedRevision) this.behindSince ??= now
  }

  /** HAProxy was read back. Only what is live as a whole counts as applied. */
  noteApplied(state: FollowedState, applied: AppliedRouting, {durationMillis, isStart, now}: Turn): void {
    const {generation, how, isComplete, owesReload, skipped} = applied
    if (how !== 'unchanged') this.lastChange = {how, durationMillis: Math.round(durationMillis), at: now.at}
    if (how === 'reload' && !isStart) this.reloads.done++
    if (how === 'runtime') this.reloads.avoided++
    this.skipped = skipped
    this.isReloadOwed = owesReload || !isComplete
    if (!isComplete) {
      this.behindSince ??= now
      return
    }
    this.problem = undefined
    this.behindSince = undefined
    if (this.appliedRevision !== state.revision || this.appliedAt === undefined) this.appliedAt = now.at
    this.appliedRevision = state.revision
    this.generation = generation
  }

  noteFailure(why: string, isReloadRefused: boolean, now: Moment): void {
    this.failures++
    if (isReloadRefused) this.reloads.refused++
    this.problem = why
    this.behindSince ??= now
  }

  noteHealth({drift, workers}: RouterHealth): void {
    this.workers = workers
    this.drift = drift
  }
}
