import {keys} from '../../catalog/keys.js'
import {type RoutedKindName} from '../../catalog/routed-kinds.js'
import {type RoutedChange, type RoutedRecords, type RoutedView} from '../../catalog/routed-view.js'
import {type Instance} from '../../domain/instance.js'
import {
  isRemovedOnPurpose,
  lossLimits,
  LossWindow,
  mayLift,
  RouteLossWindow,
  type ServiceLoss,
} from '../../domain/mass-loss.js'
import {type Binding} from '../../domain/release.js'
import {type HeldRecord, HeldRecords, isLoss, type Moment} from './held-records.js'
import {Losses, type Losing, servicesOf, type Step, stepOf} from './losses.js'
import {RoutedCount} from './routed-count.js'

/** What is held of one service. */
export interface HeldService {
  service: string
  /** Instances that would get no requests any more, and of how many. */
  lost: number
  of: number
  /** When the first of it vanished. ISO 8601. */
  at: string
  /** The release that the traffic was moved to, and that has no instance that is up. */
  movedTo?: number
}

/** Public routes that vanished in mass, and of how many. */
export type HeldRoutes = Pick<HeldService, 'lost' | 'of' | 'at'>

/** How long the names of vanished services are remembered for those that vanish with them. */
const rememberedMillis = 2 * lossLimits.windowMillis

/** Holds back losses that look like a mistake: what vanished so stays among what is followed. */
export class Suspects {
  private readonly held = new HeldRecords()
  private readonly window = new LossWindow()
  private readonly routeWindow = new RouteLossWindow()
  private readonly count: RoutedCount
  private readonly losses: Losses
  /** Services whose record is gone, and when it vanished. */
  private readonly vanishedServices = new Map<string, number>()

  constructor(
    private readonly view: RoutedView,
    private readonly environment: string,
  ) {
    this.count = new RoutedCount(view, environment)
    this.losses = new Losses({view, environment, held: this.held, count: this.count})
  }

  /** Everything of one kind that is to be followed. */
  followed<K extends RoutedKindName>(kind: K): RoutedRecords[K][] {
    const present = this.view.all(kind)
    const held = this.held.size === 0 ? [] : this.held.all().filter((one) => one.kind === kind)
    if (held.length === 0) return Array.from(present.values(), ({record}) => record)
    const records: RoutedRecords[K][] = []
    for (const [key, {record}] of present) if (this.held.get(key) === undefined) records.push(record)
    return [...records, ...held.map(({stored}) => stored.record as RoutedRecords[K])]
  }

  /** Those of the catalog that aren't followed because nobody answers for their release. */
  unfollowedBindings(): Binding[] {
    return this.held.services().flatMap((service) => {
      const key = keys.binding(this.environment, service)
      const binding = this.held.get(key) && this.view.all('bindings').get(key)
      return binding === undefined ? [] : [binding.record]
    })
  }

  isHolding(): boolean {
    return this.held.size > 0
  }

  records(): readonly HeldRecord[] {
    return this.held.all()
  }

  /** Names of services whose record vanished lately. */
  vanished(): string[] {
    return [...this.vanishedServices.keys()]
  }

  /** Goes on with what was held when the last state was saved, as if it had begun now. */
  restore(held: readonly HeldRecord[], vanished: readonly string[], atMillis: number): void {
    for (const one of held) this.held.add({...one, atMillis})
    for (const service of vanished) this.vanishedServices.set(service, atMillis)
    this.count.all(this.followed('hostDrains'))
  }

  /** The store was replaced by an older copy: revisions of before mean nothing any more. */
  rebase(revision: number): void {
    for (const one of this.held.all()) one.revision = revision
  }

  /** Judges what a step did to the view, right after it was done. */
  judge(changes: readonly RoutedChange[], moment: Moment): void {
    const step = stepOf(changes)
    if (changes.some(({kind}) => kind === 'hostDrains')) this.count.all(this.followed('hostDrains'))
    const losing = servicesOf(changes).map((service) => this.losses.of(service, step))
    for (const {left, service} of losing) this.count.set(service, left)
    this.noteServices(changes, moment.atMillis)
    const toHold = this.judged(losing, step, moment.atMillis)
    for (const {lostKeys, movedFrom, service} of losing) {
      if (!toHold.has(service) && !this.held.isHolding(service)) continue
      const frame = [keys.binding(this.environment, service), keys.service(service)]
      const holding = toHold.has(service) ? [...lostKeys, ...frame] : frame
      for (const key of holding) this.hold(step.byKey.get(key), service, moment)
      if (movedFrom === undefined || !toHold.has(service)) continue
      const key = keys.binding(this.environment, service)
      this.held.add({...moment, kind: 'bindings', key, stored: movedFrom, service})
    }
    this.holdAlong(changes, moment)
    this.holdRoutes(changes, moment)
    if (this.held.size > 0) this.putBack(changes)
    this.accept()
  }

  /** Lifts what a look at the whole catalog, begun at this time, still tells. Returns whether it changed anything. */
  lift(confirmedAtMillis: number): boolean {
    const before = this.held.size
    const present = this.view.all('services').size
    for (const service of this.held.services()) {
      const known = {
        confirmedAtMillis,
        followed: this.losses.followedCount(service),
        isRemovedOnPurpose: isRemovedOnPurpose(service, this.vanishedServices, present),
      }
      for (const {atMillis, key, kind} of this.held.ofService(service)) {
        // Whoever runs on is no reason to forget what the service is.
        const left = kind === 'services' ? 0 : this.count.of(service)
        if (mayLift({...known, heldAtMillis: atMillis, left})) this.held.delete(key)
      }
    }
    const routes = {left: this.view.all('publicRoutes').size, followed: 1, isRemovedOnPurpose: false}
    for (const {atMillis, inMass, key} of this.held.all()) {
      if (inMass === true && mayLift({...routes, confirmedAtMillis, heldAtMillis: atMillis}))
        this.held.delete(key)
    }
    if (this.held.size !== before) this.dropAlong()
    return this.held.size !== before
  }

  /** When a look at the whole catalog may lift something that no look of this time or before could. */
  nextLiftAtMillis(confirmedAtMillis: number): number | undefined {
    let next: number | undefined
    for (const one of this.held.all()) {
      const due = one.atMillis + lossLimits.holdMillis
      if (isLoss(one) && due > confirmedAtMillis) next = Math.min(next ?? due, due)
    }
    return next
  }

  /** Sorted by name. */
  summary(): HeldService[] {
    return this.held
      .services()
      .sort()
      .map((service) => {
        const [left, followed] = [this.count.of(service), this.losses.followedCount(service)]
        const at = this.held.ofService(service).reduce((first, one) => (one.at < first ? one.at : first), '~')
        const movedTo = this.losses.unfollowedRelease(service)
        const known = {service, lost: Math.max(0, followed - left), of: Math.max(followed, left), at}
        return {...known, ...(movedTo !== undefined && {movedTo})}
      })
  }

  routes(): HeldRoutes | undefined {
    const held = this.held.all().filter(({inMass}) => inMass === true)
    const [first] = held
    if (first === undefined) return undefined
    const at = held.reduce((least, one) => (one.at < least ? one.at : least), first.at)
    return {lost: held.length, of: held.length + this.view.all('publicRoutes').size, at}
  }

  /** When the record of the environment vanished. ISO 8601. */
  environmentVanishedAt(): string | undefined {
    return this.held.get(keys.environment(this.environment))?.at
  }

  private judged(losing: readonly Losing[], {byKey}: Step, atMillis: number): Set<string> {
    let leftInAll = this.count.inAll
    const losses = losing.map((one): ServiceLoss => {
      const change = byKey.get(keys.service(one.service))
      if (change === undefined || change.after !== undefined) return one
      // A service whose own record vanished counts as lost with all it has.
      leftInAll -= one.left
      return {service: one.service, lost: one.lost + one.left, left: 0}
    })
    return this.window.judge(losses, leftInAll, atMillis)
  }

  private noteServices(changes: readonly RoutedChange[], atMillis: number): void {
    for (const change of changes) {
      if (change.kind !== 'services') continue
      const name = (change.after ?? change.before)?.record.name
      if (name === undefined) continue
      if (change.after === undefined) this.vanishedServices.set(name, atMillis)
      else this.vanishedServices.delete(name)
    }
    if (this.held.size > 0) return
    for (const [name, at] of this.vanishedServices) {
      if (atMillis - at > rememberedMillis) this.vanishedServices.delete(name)
    }
  }

  private hold(change: RoutedChange | undefined, service: string | undefined, moment: Moment): void {
    if (change === undefined || change.after !== undefined || change.before === undefined) return
    const {before: stored, key, kind} = change
    // What is followed instead of it is held already.
    if (this.held.get(key) !== undefined) return
    this.held.add({...moment, kind, key, stored, service})
  }

  /** What is deleted together with what is held stays with it: the way from the outside, hosts, who calls whom. */
  private holdAlong(changes: readonly RoutedChange[], moment: Moment): void {
    for (const change of changes) {
      if (change.kind === 'environments') this.hold(change, undefined, moment)
    }
    for (const change of changes) {
      if (this.goesAlong(change.kind, change.before?.record)) this.hold(change, undefined, moment)
    }
  }

  private holdRoutes(changes: readonly RoutedChange[], moment: Moment): void {
    const gone = changes.flatMap(({after, before, key, kind}) =>
      kind === 'publicRoutes' && after === undefined && before !== undefined ? [{key, stored: before}] : [],
    )
    const left = this.view.all('publicRoutes').size
    if (!this.routeWindow.judge(gone.length, left, moment.atMillis)) return
    for (const one of gone)
      this.held.add({...moment, ...one, kind: 'publicRoutes', service: undefined, inMass: true})
  }

  private goesAlong(kind: RoutedKindName, record: unknown): boolean {
    if (kind === 'publicRoutes' || kind === 'maintenances') {
      return this.held.isHolding((record as {service?: string} | undefined)?.service ?? '')
    }
    if (kind !== 'hosts' && kind !== 'hostDrains' && kind !== 'consumers') return false
    return this.environmentVanishedAt() !== undefined || this.held.services().length > 0
  }

  private putBack(changes: readonly RoutedChange[]): void {
    let isLess = false
    for (const {after, key, kind} of changes) {
      if (after !== undefined && kind !== 'bindings') isLess = this.held.delete(key) || isLess
    }
    for (const service of this.held.services()) {
      const key = keys.binding(this.environment, service)
      if (this.losses.isBindingGood(service)) isLess = this.held.delete(key) || isLess
    }
    isLess = this.dropTaken(changes) || isLess
    if (isLess) this.dropAlong()
  }

  /** Where another instance was put meanwhile nobody of before answers: its requests would go to the wrong service. */
  private dropTaken(changes: readonly RoutedChange[]): boolean {
    const taken = new Set<string>()
    for (const change of changes) {
      if (change.kind === 'instances' && change.after !== undefined)
        taken.add(endpointOf(change.after.record))
    }
    if (taken.size === 0) return false
    const gone = this.held
      .all()
      .filter(({kind, stored}) => kind === 'instances' && taken.has(endpointOf(stored.record as Instance)))
    return gone.map(({key}) => this.held.delete(key)).includes(true)
  }

  /** Drops what only went along with something that isn't held any more. */
  private dropAlong(): void {
    let isDrainDropped = false
    for (const one of this.held.all()) {
      const {key, kind, stored} = one
      if (isLoss(one) || kind === 'environments' || this.goesAlong(kind, stored.record)) continue
      this.held.delete(key)
      isDrainDropped ||= kind === 'hostDrains'
    }
    if (isDrainDropped) this.count.all(this.followed('hostDrains'))
  }

  /** Lifts what vanished before an operator said that it is meant to be gone. */
  private accept(): void {
    const acceptance = this.view.all('lossAcceptances').get(keys.lossAcceptance(this.environment))
    if (acceptance === undefined || this.held.size === 0) return
    const before = this.held.size
    for (const one of this.held.all()) {
      if (isLoss(one) && one.revision <= acceptance.modRevision) this.held.delete(one.key)
    }
    if (this.held.size !== before) this.dropAlong()
  }
}

function endpointOf({address, port}: Instance): string {
  return `${address}:${port ?? ''}`
}
