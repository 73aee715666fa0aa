import {type Stored} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {type RoutedChange, type RoutedView} from '../../catalog/routed-view.js'
import {type Instance} from '../../domain/instance.js'
import {type ServiceLoss} from '../../domain/mass-loss.js'
import {type Binding} from '../../domain/release.js'
import {type HeldRecords} from './held-records.js'
import {type RoutedCount} from './routed-count.js'

export interface Losing extends ServiceLoss {
  /** Deleted records that took requests from somebody. */
  lostKeys: string[]
  /** Set when the traffic was moved to a release that nobody answers for: where it was. */
  movedFrom?: Stored<Binding> | undefined
}

/** The changes of one step by their keys, and the deleted instances by their service. */
export interface Step {
  byKey: ReadonlyMap<string, RoutedChange>
  deleted: ReadonlyMap<string, readonly DeletedInstance[]>
}

interface DeletedInstance {
  key: string
  instance: Instance
}

interface LossesNeeds {
  view: RoutedView
  environment: string
  held: HeldRecords
  count: RoutedCount
}

/** Tells what steps took from services by deleting records, as opposed to what somebody decided. */
export class Losses {
  constructor(private readonly needs: LossesNeeds) {}

  /** What a step took from a service. */
  of(service: string, {byKey, deleted}: Step): Losing {
    const {binding, heldBinding} = this.bindingsOf(service)
    const changed = byKey.get(keys.binding(this.needs.environment, service))
    const was = changed?.before as Stored<Binding> | undefined
    const before = heldBinding ?? (changed === undefined ? binding : was?.record)
    const lostKeys: string[] = []
    let [left, leftBehind] = [0, 0]
    for (const key of this.needs.view.instancesOf(service)) {
      const instance = this.needs.view.all('instances').get(key)?.record
      if (instance === undefined) continue
      if (this.needs.count.isRouted(instance, binding)) left += 1
      const change = byKey.get(key)
      const earlier = change === undefined ? instance : (change.before?.record as Instance | undefined)
      const hadRequests = earlier !== undefined && this.needs.count.isRouted(earlier, before)
      if (hadRequests && this.needs.count.isRouted(instance, before)) leftBehind += 1
    }
    for (const {instance, key} of deleted.get(service) ?? []) {
      if (!this.needs.count.isRouted(instance, before)) continue
      // Traffic that moved on to instances of another release leaves nothing behind.
      if (binding === undefined || binding.active === instance.release || left === 0) lostKeys.push(key)
    }
    if (heldBinding !== undefined) return {service, lost: lostKeys.length, left, lostKeys}
    const isUnbound = binding === undefined
    const isMoved = binding !== undefined && before !== undefined && binding.active !== before.active
    const isAstray = isMoved && left === 0
    const alongside = isAstray ? this.heldCount(service, before) : 0
    const lost = lostKeys.length + alongside + (isUnbound || isAstray ? leftBehind : 0)
    return {service, lost, left, lostKeys, movedFrom: isAstray ? was : undefined}
  }

  /** How many instances of a service get requests, held ones too. */
  followedCount(service: string): number {
    const {binding, heldBinding} = this.bindingsOf(service)
    const active = heldBinding ?? binding
    let count = this.heldCount(service, active)
    for (const key of this.needs.view.instancesOf(service)) {
      const instance = this.needs.view.all('instances').get(key)?.record
      if (instance !== undefined && this.needs.count.isRouted(instance, active)) count += 1
    }
    return count
  }

  /** The release to which a service's traffic was moved and isn't followed, as nobody there answers. */
  unfollowedRelease(service: string): number | undefined {
    const {binding, heldBinding} = this.bindingsOf(service)
    return heldBinding === undefined ? undefined : binding?.active
  }

  /** Whether the traffic is where it was, or moved to somebody who answers: then it's followed. */
  isBindingGood(service: string): boolean {
    const {binding, heldBinding} = this.bindingsOf(service)
    if (binding === undefined) return false
    return binding.active === heldBinding?.active || this.needs.count.of(service) > 0
  }

  private heldCount(service: string, binding: Binding | undefined): number {
    let count = 0
    for (const {kind, stored} of this.needs.held.ofService(service)) {
      if (kind === 'instances' && this.needs.count.isRouted(stored.record as Instance, binding)) count += 1
    }
    return count
  }

  private bindingsOf(service: string): {binding?: Binding | undefined; heldBinding?: Binding | undefined} {
    const key = keys.binding(this.needs.environment, service)
    return {
      binding: this.needs.view.all('bindings').get(key)?.record,
      heldBinding: this.needs.held.get(key)?.stored.record as Binding | undefined,
    }
  }
}

export function stepOf(changes: readonly RoutedChange[]): Step {
  const byKey = new Map<string, RoutedChange>()
  const deleted = new Map<string, DeletedInstance[]>()
  for (const change of changes) {
    byKey.set(change.key, change)
    if (change.kind !== 'instances' || change.after !== undefined || change.before === undefined) continue
    const one = {key: change.key, instance: change.before.record}
    const others = deleted.get(one.instance.service)
    if (others === undefined) deleted.set(one.instance.service, [one])
    else others.push(one)
  }
  return {byKey, deleted}
}

/** Whose instances, binding or record a step changed. */
export function servicesOf(changes: readonly RoutedChange[]): string[] {
  const services = new Set<string>()
  for (const change of changes) {
    if (change.kind === 'instances' || change.kind === 'bindings') {
      const record = change.after?.record ?? change.before?.record
      if (record !== undefined) services.add(record.service)
    } else if (change.kind === 'services') {
      const record = change.after?.record ?? change.before?.record
      if (record !== undefined) services.add(record.name)
    }
  }
  return [...services]
}
