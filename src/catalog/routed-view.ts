import {type StoreChange, type StoreEntry} from '../contracts/store.js'
import {type Consumer} from '../domain/consumer.js'
import {type Environment, type Host, type HostDrain} from '../domain/environment.js'
import {type Instance} from '../domain/instance.js'
import {type LossAcceptance} from '../domain/loss-acceptance.js'
import {type Maintenance} from '../domain/maintenance.js'
import {type PublicRoute} from '../domain/public-route.js'
import {type Binding} from '../domain/release.js'
import {type Service} from '../domain/service.js'
import {type Catalog} from './catalog.js'
import {type BadRecord, type Stored} from './collection.js'
import {type RoutedKindName, routedKinds} from './routed-kinds.js'

/** The records that the routing of an environment is made of. */
export interface RoutedRecords {
  bindings: Binding
  consumers: Pick<Consumer, 'service' | 'consumer'>
  environments: Environment
  hostDrains: HostDrain
  hosts: Host
  instances: Instance
  lossAcceptances: LossAcceptance
  maintenances: Maintenance
  publicRoutes: PublicRoute
  services: Service
}

/** What a step did to one record that could be trusted. */
export type RoutedChange = {
  [K in RoutedKindName]: {
    kind: K
    key: string
    before: Stored<RoutedRecords[K]> | undefined
    after: Stored<RoutedRecords[K]> | undefined
  }
}[RoutedKindName]

/** What a fresh list of some kinds of records showed. */
export interface FreshList {
  kinds: readonly RoutedKindName[]
  entries: readonly StoreEntry[]
  revision: number
  /** Keys that were deleted while the list was under way, and the revision of that. */
  deletions: ReadonlyMap<string, number>
  /** The store holds an older state than it did: what it says now counts, whatever the revisions. */
  isReplaced: boolean
}

/** Why a record can't be trusted, and since which revision. */
interface BadVersion {
  why: string
  modRevision: number
}

/**
 * The records that routing in one environment needs, as the catalog has them, each kept once and validated once for
 * each change. A record that turned bad stays as it was in its last good version, and is named.
 */
export class RoutedView {
  private readonly kinds
  private readonly records: {[K in RoutedKindName]: Map<string, Stored<RoutedRecords[K]>>}
  private readonly badVersions = new Map<string, BadVersion>()
  private readonly keysOfService = new Map<string, Set<string>>()

  constructor(catalog: Catalog, environment: string) {
    this.kinds = routedKinds(catalog, environment)
    const empty = Object.fromEntries(this.kinds.map(({name}) => [name, new Map()]))
    this.records = empty as typeof this.records
  }

  /** By key. */
  all<K extends RoutedKindName>(kind: K): ReadonlyMap<string, Stored<RoutedRecords[K]>> {
    return this.records[kind]
  }

  /** Keys of the instances of one service. */
  instancesOf(service: string): ReadonlySet<string> {
    return this.keysOfService.get(service) ?? nothing
  }

  /** Records that can't be trusted, sorted by key. */
  bad(): BadRecord[] {
    const sorted = [...this.badVersions].sort(([left], [right]) => (left < right ? -1 : 1))
    return sorted.map(([key, {why}]) => ({key, why}))
  }

  /** A record as it was saved; undefined when it can't be trusted or isn't of a kind that routing needs. */
  read(entry: StoreEntry): {kind: RoutedKindName; stored: Stored<unknown>} | undefined {
    const kind = this.kindOf(entry.key)
    const read = kind?.read(entry)
    return kind === undefined || read === undefined || 'why' in read
      ? undefined
      : {kind: kind.name, stored: read}
  }

  /** Names a record that could not be trusted when it was seen last. */
  markBad({key, why}: BadRecord, modRevision: number): void {
    this.badVersions.set(key, {why, modRevision})
  }

  /** The revision of each record that can't be trusted. */
  badRevisions(): ReadonlyMap<string, BadVersion> {
    return this.badVersions
  }

  /** How many records there are below `keys.routed`, bad ones too. */
  countRouted(): number {
    let count = 0
    for (const {isRouted, name} of this.kinds) if (isRouted) count += this.records[name].size
    for (const key of this.badVersions.keys()) {
      const kind = this.kindOf(key)
      if (kind === undefined || (kind.isRouted && !this.records[kind.name].has(key))) count += 1
    }
    return count
  }

  private kindOf(key: string) {
    return this.kinds.find((kind) => key.startsWith(kind.prefix) && (!kind.isOne || key === kind.prefix))
  }

  /** Takes what a watch brought. */
  apply(changes: readonly StoreChange[]): RoutedChange[] {
    return changes
      .map((change) => (change.kind === 'put' ? this.put(change.entry) : this.delete(change.key)))
      .filter((change) => change !== undefined)
  }

  /** Makes these kinds equal to a fresh list. Returns the changes, and the keys of everything that differed. */
  applyList(list: FreshList): {changes: RoutedChange[]; differing: string[]} {
    const kinds = this.kinds.filter(({name}) => list.kinds.includes(name))
    const listed = new Set<string>()
    const differences: StoreChange[] = []
    for (const entry of list.entries) {
      listed.add(entry.key)
      if (this.isNews(entry, list)) differences.push({kind: 'put', entry})
    }
    const isGone = (key: string, modRevision: number) =>
      !listed.has(key) && (list.isReplaced || modRevision <= list.revision)
    for (const {name} of kinds) {
      for (const [key, {modRevision}] of this.records[name]) {
        const known = this.badVersions.get(key)?.modRevision ?? modRevision
        if (isGone(key, known)) differences.push({kind: 'delete', key})
      }
    }
    for (const [key, {modRevision}] of this.badVersions) {
      const kind = this.kindOf(key)
      const isOfThese = kind === undefined ? list.kinds.includes('instances') : kinds.includes(kind)
      const isKnown = kind !== undefined && this.records[kind.name].has(key)
      if (isOfThese && !isKnown && isGone(key, modRevision)) differences.push({kind: 'delete', key})
    }
    const differing = differences.map((change) => (change.kind === 'put' ? change.entry.key : change.key))
    return {changes: this.apply(differences), differing}
  }

  private isNews(entry: StoreEntry, {deletions, isReplaced, revision}: FreshList): boolean {
    const kind = this.kindOf(entry.key)
    const bad = this.badVersions.get(entry.key)
    const known = kind && this.records[kind.name].get(entry.key)
    const modRevision = bad?.modRevision ?? known?.modRevision
    if (!isReplaced) {
      if ((modRevision ?? 0) > revision) return false
      if (modRevision === undefined && (deletions.get(entry.key) ?? 0) > revision) return false
    }
    if (modRevision !== entry.modRevision) return true
    if (bad !== undefined) return bad.why !== this.problemOf(entry)
    // Another store can give the same revision to other content.
    if (known === undefined || JSON.stringify(known.record) === entry.value) return false
    const read = kind?.read(entry)
    return read === undefined || 'why' in read || !isSame(read, known)
  }

  private problemOf(entry: StoreEntry): string | undefined {
    const read = this.kindOf(entry.key)?.read(entry) ?? {why: unknownKind}
    return 'why' in read ? read.why : undefined
  }

  private put(entry: StoreEntry): RoutedChange | undefined {
    const kind = this.kindOf(entry.key)
    const read = kind === undefined ? {why: unknownKind} : kind.read(entry)
    if (kind === undefined || 'why' in read) {
      const why = 'why' in read ? read.why : unknownKind
      this.badVersions.set(entry.key, {why, modRevision: entry.modRevision})
      return undefined
    }
    this.badVersions.delete(entry.key)
    return this.replace(kind.name, entry.key, read)
  }

  private delete(key: string): RoutedChange | undefined {
    this.badVersions.delete(key)
    const kind = this.kindOf(key)
    return kind && this.replace(kind.name, key, undefined)
  }

  private replace(
    kind: RoutedKindName,
    key: string,
    after: Stored<unknown> | undefined,
  ): RoutedChange | undefined {
    const records = this.records[kind] as Map<string, Stored<unknown>>
    const before = records.get(key)
    if (before === undefined && after === undefined) return undefined
    if (after === undefined) records.delete(key)
    else records.set(key, after)
    const change = {kind, key, before, after} as RoutedChange
    if (change.kind === 'instances') this.index(key, change.before?.record, change.after?.record)
    return change
  }

  private index(key: string, before: Instance | undefined, after: Instance | undefined): void {
    if (before !== undefined && after === undefined) {
      const keysOfIt = this.keysOfService.get(before.service)
      keysOfIt?.delete(key)
      if (keysOfIt?.size === 0) this.keysOfService.delete(before.service)
    }
    if (before === undefined && after !== undefined) {
      const keysOfIt = this.keysOfService.get(after.service)
      if (keysOfIt === undefined) this.keysOfService.set(after.service, new Set([key]))
      else keysOfIt.add(key)
    }
  }
}

const nothing: ReadonlySet<string> = new Set()
const unknownKind = 'is of a kind that this yard does not know'

function isSame(one: Stored<unknown>, other: Stored<unknown>): boolean {
  return JSON.stringify(one.record) === JSON.stringify(other.record)
}
