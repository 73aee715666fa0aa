import {type Clock} from '../../contracts/clock.js'
import {type HostRouter} from '../../contracts/host-router.js'
import {type Report} from '../../contracts/report.js'
import {type Host} from '../../domain/environment.js'
import {routingModel} from '../../domain/routing-model.js'
import {YardError} from '../../errors.js'
import {type FollowedCatalog, type FollowedState} from './followed-state.js'
import {ReloadBudget} from './reload-budget.js'
import {type Moment, RoutingProgress} from './routing-progress.js'

export interface RoutingLoopNeeds {
  followed: FollowedCatalog
  router: HostRouter
  clock: Clock
  report: Report
  /** Named by a test to have the program killed at a step. */
  failpoint?: ((step: string, moment: string) => Promise<void>) | undefined
}

/** The first change is followed at once; those that come so soon after it are one. */
const gatherMillis = 100
/** However quiet the catalog is, HAProxy is compared with it this often: certificates, drift, a HAProxy that was away. */
const confirmMillis = 5_000
const firstRetryMillis = 250
const retryMillis = 2_000
/** A turn that takes longer than this is no sign of life. */
const longestTurnMillis = 20_000

/** Keeps the HAProxy of a host equal to what is known of the catalog. What goes wrong is told and tried again. */
export class RoutingLoop {
  readonly progress = new RoutingProgress()
  private readonly budget = new ReloadBudget()
  private hasStarted = false
  private isIncomplete = false
  private owesReload = false
  private failuresInARow = 0
  private lastRevision: number | undefined
  private healthAt: number | undefined
  /** Its edge and its neighbours don't vanish with its record. */
  private host: Host | undefined

  constructor(
    private readonly needs: RoutingLoopNeeds,
    private readonly hostName: string,
    /** Called after each turn. */
    private readonly onTurn: () => void,
  ) {}

  /** Goes round until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const began = this.now()
      const state = this.needs.followed.state()
      await this.turn(state, began)
      this.progress.turnedAt = this.now().millis
      this.onTurn()
      await this.pause(state, began.millis, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
    }
  }

  /** Whether it went round a short while ago: the only sign that the work goes on. */
  isTurning(): boolean {
    const {turnedAt} = this.progress
    return turnedAt !== undefined && this.needs.clock.monotonicMillis() - turnedAt < longestTurnMillis
  }

  private async turn(state: FollowedState, began: Moment): Promise<void> {
    const {failpoint} = this.needs
    this.progress.noteState(state, began)
    if (state.revision !== this.lastRevision) this.budget.noteChange(began.millis)
    this.lastRevision = state.revision
    try {
      await failpoint?.('apply', 'before')
      await this.apply(state, began)
      await failpoint?.('apply', 'after')
      this.failuresInARow = 0
    } catch (error) {
      this.noteFailure(error)
    }
    await this.lookAtHealth()
  }

  private async apply(state: FollowedState, began: Moment): Promise<void> {
    const {clock, router} = this.needs
    this.host = state.facts.hosts?.find(({name}) => name === this.hostName) ?? this.host
    const model = routingModel(state.facts, this.host)
    const mayReload = this.budget.mayReload(began.millis)
    const tidiesUp = this.owesReload && this.budget.millisUntilTidying(began.millis) === 0
    const isStart = !this.hasStarted
    const applied = isStart ? await router.start(model) : await router.apply(model, {mayReload, tidiesUp})
    this.hasStarted = true
    this.isIncomplete = !applied.isComplete
    this.owesReload = applied.owesReload
    const now = this.now()
    if (applied.how === 'reload') {
      this.budget.spend(now.millis)
      this.healthAt = undefined
    }
    const durationMillis = clock.monotonicMillis() - began.millis
    this.progress.noteApplied(state, applied, {durationMillis, isStart, now})
  }

  /** Each new problem is told once. */
  private noteFailure(error: unknown): void {
    const why = error instanceof YardError ? `${error.what}: ${error.why}` : messageOf(error)
    const isReloadRefused = this.hasStarted && error instanceof YardError && reloadFaults.has(error.code)
    const now = this.now()
    if (isReloadRefused) this.budget.spend(now.millis)
    if (why !== this.progress.problem) this.needs.report({kind: 'warning', text: why})
    this.failuresInARow++
    this.progress.noteFailure(why, isReloadRefused, now)
  }

  private async lookAtHealth(): Promise<void> {
    const now = this.needs.clock.monotonicMillis()
    if (this.healthAt !== undefined && now - this.healthAt < confirmMillis) return
    this.healthAt = now
    this.progress.noteHealth(await this.needs.router.health())
  }

  /** Until something changes, or something is due. */
  private async pause(state: FollowedState, began: number, signal: AbortSignal): Promise<void> {
    const {clock, followed} = this.needs
    const elapsed = () => clock.monotonicMillis() - began
    if (this.failuresInARow > 0) {
      return clock.sleep(this.failuresInARow === 1 ? firstRetryMillis : retryMillis, signal)
    }
    const isOver = new AbortController()
    const both = AbortSignal.any([signal, isOver.signal])
    try {
      const due = clock.sleep(Math.max(0, this.millisUntilDue() - elapsed()), both)
      const change = followed.changedSince(state, both)
      await Promise.race([due, change]).finally(() => {
        for (const each of [due, change]) each.catch(() => undefined)
      })
    } finally {
      isOver.abort()
    }
    const gathering = gatherMillis - elapsed()
    if (gathering > 0) await clock.sleep(gathering, signal)
  }

  /** From the beginning of the last turn on. */
  private millisUntilDue(): number {
    const now = this.needs.clock.monotonicMillis()
    const reload = this.isIncomplete ? this.budget.millisUntilReload(now) : confirmMillis
    const tidying = this.owesReload ? this.budget.millisUntilTidying(now) : confirmMillis
    return Math.min(confirmMillis, Math.max(gatherMillis, Math.min(reload, tidying)))
  }

  private now(): Moment {
    const {clock} = this.needs
    return {at: clock.now().toISOString(), millis: clock.monotonicMillis()}
  }
}

/** What was tried and not accepted, by HAProxy itself or by the look before a reload. */
const reloadFaults: ReadonlySet<string> = new Set(['E_HAPROXY_UNCONFIRMED', 'E_PORT_TAKEN'])

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
