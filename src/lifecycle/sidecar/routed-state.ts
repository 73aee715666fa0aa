import {type Catalog} from '../../catalog/catalog.js'
import {type Stored} from '../../catalog/collection.js'
import {type RoutedKindName} from '../../catalog/routed-kinds.js'
import {type FreshList, type RoutedChange, type RoutedRecords, RoutedView} from '../../catalog/routed-view.js'
import {type StoreChange} from '../../contracts/store.js'
import {type Environment} from '../../domain/environment.js'
import {type Binding} from '../../domain/release.js'
import {type RoutingFacts} from '../../domain/routing-model.js'
import {BoundReleases} from './bound-releases.js'
import {type FollowedState} from './followed-state.js'
import {type HeldRecord, type Moment} from './held-records.js'
import {type ReadSnapshot, type SavedRecord, type SnapshotContent} from './snapshot-text.js'
import {suspectLines} from './suspect-lines.js'
import {Suspects} from './suspects.js'

type HeardState = Pick<FollowedState, 'problem' | 'seenAt' | 'staleSince'>

/** The two prefixes that are watched. */
export type WatchedPart = 'routed' | 'services'

/** Everything that a sidecar knows of the catalog, and what it makes of it. Does no work of its own. */
export class RoutedState {
  readonly view: RoutedView
  readonly suspects: Suspects
  readonly releases: BoundReleases
  /** Nothing up to these revisions is missing. */
  readonly revisions: Record<WatchedPart, number> = {routed: 0, services: 0}
  /** What is followed of each kind, as long as nothing of the kind changes. */
  private readonly made = new Map<RoutedKindName, unknown[]>()

  constructor(
    catalog: Catalog,
    private readonly environment: string,
  ) {
    this.view = new RoutedView(catalog, environment)
    this.suspects = new Suspects(this.view, environment)
    this.releases = new BoundReleases(catalog)
  }

  /** Undefined until the environment itself is known. */
  state({problem, seenAt, staleSince}: HeardState): FollowedState | undefined {
    const facts = this.facts()
    if (facts === undefined) return undefined
    return {
      facts,
      revision: this.revisions.routed,
      records: this.view.countRouted(),
      seenAt,
      staleSince,
      problem,
      bad: [...this.view.bad(), ...this.releases.bad()],
      suspects: this.suspectLines(),
    }
  }

  environmentRecord(): Environment | undefined {
    return this.all('environments')[0]
  }

  /** Those that are followed, and those that will be once somebody answers for their release. */
  bindings(): readonly Binding[] {
    return [...this.all('bindings'), ...this.suspects.unfollowedBindings()]
  }

  /** Lifts what a list that was begun at this time still tells. Returns whether it changed anything. */
  lift(confirmedAtMillis: number): boolean {
    const isLifted = this.suspects.lift(confirmedAtMillis)
    if (isLifted) this.made.clear()
    return isLifted
  }

  /** Takes a batch of a watch that is newer than what is known. */
  applyBatch(part: WatchedPart, changes: readonly StoreChange[], moment: Moment): RoutedChange[] {
    const wasHolding = this.suspects.isHolding()
    const applied = this.view.apply(changes)
    this.revisions[part] = moment.revision
    this.suspects.judge(applied, moment)
    // What is held, and what came back, can be of any kind.
    if (wasHolding || this.suspects.isHolding()) this.made.clear()
    for (const {kind} of applied) this.made.delete(kind)
    return applied
  }

  /** Makes everything equal to fresh lists. Returns the keys of everything that differed. */
  applyLists(
    lists: readonly Omit<FreshList, 'isReplaced'>[],
    revisions: Record<WatchedPart, number>,
    moment: Moment & {isReplaced: boolean},
  ): string[] {
    const {isReplaced, ...when} = moment
    if (isReplaced) this.suspects.rebase(when.revision)
    const results = lists.map((list) => this.view.applyList({...list, isReplaced}))
    for (const part of ['routed', 'services'] as const) {
      const known = isReplaced ? 0 : this.revisions[part]
      this.revisions[part] = Math.max(known, revisions[part])
    }
    this.suspects.judge(
      results.flatMap(({changes}) => changes),
      when,
    )
    this.made.clear()
    return results.flatMap(({differing}) => differing)
  }

  content(seenAt: string): SnapshotContent {
    return {
      environment: this.environment,
      revisions: {...this.revisions},
      seenAt,
      vanished: this.suspects.vanished(),
      records: savedKinds.flatMap((kind) =>
        Array.from(this.view.all(kind), ([key, stored]) => saved(key, stored)),
      ),
      releases: this.releases.records().map(({key, stored}) => saved(key, stored)),
      held: this.suspects.records().map(({at, inMass, key, revision, service, stored}) => ({
        ...saved(key, stored),
        ...{at, inMass, revision, service},
      })),
      bad: Array.from(this.view.badRevisions(), ([key, {modRevision, why}]) => ({key, why, modRevision})),
    }
  }

  /** Goes on where a saved state was. Returns whether there is enough of it to route by. */
  restore(snapshot: ReadSnapshot, atMillis: number): boolean {
    this.view.apply(snapshot.records.map((entry) => ({kind: 'put', entry})))
    for (const {modRevision, ...bad} of snapshot.bad) this.view.markBad(bad, modRevision)
    this.releases.restore(snapshot.releases)
    const held: HeldRecord[] = []
    for (const {at, inMass, revision, service, ...entry} of snapshot.held) {
      const read = this.view.read(entry)
      if (read !== undefined) held.push({...read, key: entry.key, service, inMass, at, revision, atMillis})
    }
    this.suspects.restore(held, snapshot.vanished, atMillis)
    this.made.clear()
    Object.assign(this.revisions, snapshot.revisions)
    return this.environmentRecord() !== undefined
  }

  private facts(): RoutingFacts | undefined {
    const environment = this.environmentRecord()
    if (environment === undefined) return undefined
    return {
      environment,
      services: this.all('services'),
      bindings: this.all('bindings'),
      instances: this.all('instances'),
      drainedHosts: new Set(this.all('hostDrains').map(({host}) => host)),
      releases: this.releases.all,
      hosts: this.all('hosts'),
      publicRoutes: this.all('publicRoutes'),
      maintenances: this.all('maintenances'),
      consumers: this.all('consumers'),
    }
  }

  private suspectLines(): string[] {
    const {suspects} = this
    return suspectLines(this.environment, {
      services: suspects.summary(),
      routes: suspects.routes(),
      environmentVanishedAt: suspects.environmentVanishedAt(),
    })
  }

  private all<K extends RoutedKindName>(kind: K): readonly RoutedRecords[K][] {
    const known = this.made.get(kind)
    if (known !== undefined) return known as RoutedRecords[K][]
    const records = this.suspects.followed(kind)
    this.made.set(kind, records)
    return records
  }
}

const savedKinds: readonly RoutedKindName[] = [
  'environments',
  'hosts',
  'services',
  'bindings',
  'instances',
  'hostDrains',
  'publicRoutes',
  'maintenances',
  'lossAcceptances',
  'consumers',
]

function saved(key: string, {createRevision, modRevision, record}: Stored<unknown>): SavedRecord {
  return {key, record, createRevision, modRevision}
}
