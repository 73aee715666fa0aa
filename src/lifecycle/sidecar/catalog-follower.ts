import {keys} from '../../catalog/keys.js'
import {type Report} from '../../contracts/report.js'
import {type WatchBatch} from '../../contracts/store.js'
import {BackOff} from './back-off.js'
import {CatalogLists} from './catalog-lists.js'
import {FactTeller} from './fact-teller.js'
import {type CatalogFollowerNeeds, type CatalogFollowerSettings} from './follower-needs.js'
import {firstOf} from './first-of.js'
import {type FollowedCatalog, type FollowedState} from './followed-state.js'
import {environmentUnknown, isAway, missedRecords, reasonOf, replaced} from './following-failures.js'
import {Hearing} from './hearing.js'
import {type Moment} from './held-records.js'
import {LookTimes} from './look-times.js'
import {RoutedState, type WatchedPart} from './routed-state.js'
import {SnapshotFile} from './snapshot-file.js'
import {StateBoard} from './state-board.js'
import {UnconfirmedKeys} from './unconfirmed-keys.js'

/** How long a start waits for the catalog when there is a saved state to start from. */
const startPatienceMillis = 500
/** How long what a list showed may take to come through the watch, too. */
const arrivalMillis = 5_000
/** How long new facts wait for the releases that they name: once, and at a list of everything. */
const releasePatienceMillis = 500
const allReleasesPatienceMillis = 5_000
const shortestSleepMillis = 10
const longestSleepMillis = 5_000
/** Between the first sign of life and the list that follows. */
const shortRestMillis = 200
/** Hosts whose watches all end at the same moment list again within this time. */
const compactedSpreadMillis = 2_000

type WatchEnd = 'ended' | 'compacted' | 'missed'

/** Follows what routing in one environment needs, through outages, bad records and losses that look like mistakes. */
export class CatalogFollower implements FollowedCatalog {
  private readonly followed: RoutedState
  private readonly lists: CatalogLists
  private readonly hearing: Hearing
  private readonly backOff: BackOff
  private readonly board: StateBoard
  private readonly teller: FactTeller
  private readonly snapshot: SnapshotFile
  private readonly times: LookTimes
  private readonly report: Report
  /** While a list is under way: what was deleted meanwhile, and in which revision. */
  private deletions: Map<string, number> | undefined
  private readonly unconfirmed = new UnconfirmedKeys()
  private isWatching = false
  private mustWatchAnew = false
  /** The last list failed: nothing but another one shows that the catalog can be heard. */
  private isListOwed = false
  private isReady = false

  constructor(
    private readonly needs: CatalogFollowerNeeds,
    private readonly settings: CatalogFollowerSettings,
  ) {
    const {catalog, clock, files, random = Math.random, report = () => undefined} = needs
    this.report = report
    this.followed = new RoutedState(catalog, settings.environment)
    this.lists = new CatalogLists(catalog, settings.environment)
    this.hearing = new Hearing(clock, report)
    this.backOff = new BackOff(random)
    this.times = new LookTimes(clock, random)
    this.snapshot = new SnapshotFile({files, clock, report}, settings.stateFile)
    this.board = new StateBoard(
      () => (this.isReady ? this.followed.state(this.hearing) : undefined),
      () => this.hearing,
    )
    this.teller = new FactTeller({
      clock,
      releases: this.followed.releases,
      tell: () => this.board.publish(),
      onFailure: () => this.times.listSoon(),
    })
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const saved = await this.snapshot.read(this.settings.environment)
    if (saved !== undefined && this.followed.restore(saved, this.needs.clock.monotonicMillis())) {
      this.hearing.startFrom(saved.seenAt)
      this.isReady = true
    }
    const over = new AbortController()
    const isTried = new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), {once: true})
      void this.run(signal, () => {
        if (this.isReady) resolve()
      })
    })
    if (this.isReady) {
      const patience = this.pause(startPatienceMillis, over.signal).catch(() => undefined)
      await Promise.race([isTried, patience])
      over.abort()
    } else {
      await isTried
    }
    signal.throwIfAborted()
  }

  state(): FollowedState {
    return this.board.state()
  }

  changedSince(previous: FollowedState, signal: AbortSignal): Promise<void> {
    return this.board.changedSince(previous, signal)
  }

  /** Lists and watches until the signal aborts. Never throws. */
  private async run(signal: AbortSignal, onTry: () => void): Promise<void> {
    const isOver = () => signal.aborted
    while (!isOver()) {
      const begun = this.needs.clock.monotonicMillis()
      let end: WatchEnd | 'away' | 'refused'
      try {
        await this.list(signal)
        onTry()
        end = await this.follow(signal)
      } catch (error) {
        if (isOver()) return
        this.lost(error)
        end = isAway(error) ? 'away' : 'refused'
      }
      onTry()
      const lasted = this.needs.clock.monotonicMillis() - begun
      const rest = this.backOff.nextMillis(end === 'away' ? 'away' : 'answers', lasted)
      const spread =
        end === 'compacted' ? this.backOff.spreadMillis(this.hearing.silentMillis, compactedSpreadMillis) : 0
      await this.pause(rest + spread, signal).catch(() => undefined)
    }
  }

  /** Watches from where the last list was, until a watch can't go on or was found to have missed something. */
  private async follow(signal: AbortSignal): Promise<WatchEnd> {
    this.isWatching = true
    this.mustWatchAnew = false
    try {
      return await firstOf<WatchEnd>(signal, [
        (stop) => this.watch('routed', stop),
        (stop) => this.watch('services', stop),
        (stop) => this.look(stop),
      ])
    } finally {
      this.isWatching = false
      this.unconfirmed.clear()
    }
  }

  private async watch(part: WatchedPart, signal: AbortSignal): Promise<WatchEnd> {
    const {catalog} = this.needs
    const prefix = part === 'routed' ? keys.routed(this.settings.environment) : keys.services
    for await (const batch of catalog.store.watch(prefix, this.followed.revisions[part], signal)) {
      if (batch.kind === 'compacted') return 'compacted'
      await this.take(part, batch, signal)
    }
    return 'ended'
  }

  private async take(
    part: WatchedPart,
    {changes, revision}: Extract<WatchBatch, {kind: 'changes'}>,
    signal: AbortSignal,
  ): Promise<void> {
    this.heard()
    if (revision <= this.followed.revisions[part]) {
      this.unconfirmed.confirm(changes)
      return
    }
    for (const change of changes) {
      if (change.kind === 'delete') this.deletions?.set(change.key, revision)
    }
    const applied = this.followed.applyBatch(part, changes, this.moment(revision))
    const {routed, services} = this.followed.revisions
    this.times.lags(services > routed)
    const bindings = applied.flatMap((change) =>
      change.kind === 'bindings' && change.after !== undefined ? [change.after.record] : [],
    )
    await this.teller.publish(bindings, releasePatienceMillis)
    this.save(true, signal)
  }

  /** Asks now and then whether the catalog is there, and compares with a list of everything more seldom. */
  private async look(signal: AbortSignal): Promise<WatchEnd> {
    const {clock} = this.needs
    this.times.probed()
    for (;;) {
      const due = Math.min(this.listAtMillis(), this.times.nextProbeAtMillis)
      const restMillis = Math.max(shortestSleepMillis, due - clock.monotonicMillis())
      await this.pause(Math.min(longestSleepMillis, restMillis), signal)
      if (this.mustWatchAnew) return 'ended'
      const missed = this.unconfirmed.missed(clock.monotonicMillis())
      if (missed > 0) {
        this.report({kind: 'warning', text: missedRecords(missed)})
        return 'missed'
      }
      await this.lookOnce(signal)
    }
  }

  private async lookOnce(signal: AbortSignal): Promise<void> {
    const now = this.needs.clock.monotonicMillis()
    const isListDue = now >= this.listAtMillis()
    if (!isListDue && (this.isListOwed || now < this.times.nextProbeAtMillis)) return
    const before = this.isListOwed
    this.isListOwed = isListDue
    try {
      if (isListDue) await this.list(signal)
      else await this.lists.prove()
      this.times.probed()
      this.heard()
    } catch (error) {
      if (signal.aborted) throw error
      this.lost(error)
      this.times.lost(this.backOff.nextMillis(before && isAway(error) ? 'away' : 'answers', 0))
    }
  }

  /** While the catalog is away, only whether it's back is asked: what is due then must not come from all hosts at once. */
  private listAtMillis(): number {
    if (this.isListOwed) return this.times.nextProbeAtMillis
    if (this.hearing.isLost) return Number.POSITIVE_INFINITY
    return this.times.listAtMillis((triedAt) => this.followed.suspects.nextLiftAtMillis(triedAt))
  }

  /** Reads everything and makes what is known equal to it. @throws what the store throws */
  private async list(signal: AbortSignal): Promise<void> {
    const {clock} = this.needs
    const {environment} = this.settings
    const begun = clock.monotonicMillis()
    const before = {...this.followed.revisions}
    const deletions = (this.deletions = new Map<string, number>())
    const fresh = await this.lists.read(this.followed.environmentRecord()).finally(() => {
      this.deletions = undefined
    })
    signal.throwIfAborted()
    const {revisions} = fresh
    const isReplaced = revisions.routed < before.routed || revisions.services < before.services
    if (isReplaced) {
      this.report({kind: 'warning', text: replaced(before.routed, revisions.routed)})
    }
    const moment = {...this.moment(revisions.routed), isReplaced}
    const lists = fresh.lists.map((list) => ({...list, deletions}))
    const differing = this.followed.applyLists(lists, revisions, moment)
    if (this.isWatching && !isReplaced) {
      const watched = [keys.routed(environment), keys.services]
      const missing = differing.filter((key) => watched.some((prefix) => key.startsWith(prefix)))
      this.unconfirmed.note(missing, clock.monotonicMillis() + arrivalMillis)
    }
    if (this.followed.environmentRecord() === undefined) throw environmentUnknown(environment)
    this.isListOwed = false
    this.heard()
    const isLifted = this.followed.lift(begun)
    this.times.listed(begun)
    const bindings = this.followed.bindings()
    this.followed.releases.keepOnly(bindings)
    await this.teller.publish(bindings, allReleasesPatienceMillis)
    this.isReady = true
    // A store that was replaced has another history: watches go on from the list, not from before.
    this.mustWatchAnew = isReplaced && this.isWatching
    this.save(isLifted || differing.length > 0, signal)
  }

  private save(isChanged: boolean, signal: AbortSignal): void {
    this.snapshot.offer(() => this.followed.content(this.hearing.seenAt), isChanged, signal)
  }

  private heard(): void {
    if (this.isListOwed) return
    const silentMillis = this.hearing.silentMillis
    if (!this.hearing.heard()) return
    this.backOff.reset()
    this.times.back(shortRestMillis + this.backOff.spreadMillis(silentMillis))
    this.teller.tell()
  }

  private lost(error: unknown): void {
    if (this.hearing.lost(reasonOf(error))) this.teller.tell()
  }

  private moment(revision: number): Moment {
    const {clock} = this.needs
    return {atMillis: clock.monotonicMillis(), at: clock.now().toISOString(), revision}
  }

  private pause(millis: number, signal: AbortSignal): Promise<void> {
    return this.needs.clock.sleep(millis, signal)
  }
}
