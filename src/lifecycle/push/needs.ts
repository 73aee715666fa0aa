import {type Catalog} from '../../catalog/catalog.js'
import {type LockIdentity} from '../../catalog/locks.js'
import {type Clock} from '../../contracts/clock.js'
import {type AppliedRouting, type HostRouter} from '../../contracts/host-router.js'
import {type Report} from '../../contracts/report.js'
import {type Environment, type Host} from '../../domain/environment.js'
import {type RoutingModel} from '../../domain/routing.js'
import {YardError} from '../../errors.js'
import {type RoutingDifference} from './difference.js'

export interface PushNeeds {
  catalog: Catalog
  clock: Clock
  report: Report
  signal: AbortSignal
  actor: string
  identity: LockIdentity
  /** Returns once a person agreed to a change of a protected environment. @throws YardError E_NOT_CONFIRMED */
  confirmProtected: (change: {environment: string; purpose: string}) => Promise<void>
  /** Connects only when it is asked for something. */
  openHost: (host: Host, options: {acceptsNewKey: boolean}) => Promise<PushTarget>
}

/** One machine that is pushed to. */
export interface PushTarget {
  /** Takes over the HAProxy that runs there, or starts one. */
  router: Pick<HostRouter, 'start'>
  /** What a push of this model would change there; changes nothing. */
  difference(model: RoutingModel): Promise<RoutingDifference>
  /** Its SSH host key, when it was taken although nobody knew it. */
  newHostKey(): string | undefined
  close(): Promise<void>
}

export interface PushRequest {
  environment: string
  /** All hosts unless given. */
  hosts?: readonly string[]
  /** Looks, and changes nothing. */
  isPlan: boolean
  acceptsNewKey: boolean
}

export interface PushReport {
  environment: string
  /** Of the catalog, the same for all hosts. */
  revision: number
  isPlan: boolean
  /** In the order of their names. */
  hosts: PushedHost[]
  /** E_PUSH_FAILED when a host doesn't have it. */
  code?: 'E_PUSH_FAILED'
}

export interface PushedHost {
  host: string
  address: string
  outcome: 'planned' | AppliedRouting['how'] | 'failed'
  /** What it had before, as far as that was pushed. */
  revisionBefore?: number
  /** What it has now, as far as that is known. */
  revision?: number
  difference?: RoutingDifference
  /** Of services, servers and certificates that can't be trusted, a line each. */
  skipped: string[]
  /** Its key was not known before; it is pinned in the catalog now. */
  pinnedKey?: string
  problem?: PushProblem
}

export interface PushProblem {
  code: string
  what: string
  why: string
  next: readonly string[]
}

/** Connections that are open at a time. */
export const hostsAtOnce = 30

/** @throws YardError E_USAGE */
export function refuseLocal({kind, name}: Environment): void {
  if (kind !== 'local') return
  throw new YardError('E_USAGE', {
    what: `Can't push to ${name}`,
    why: 'it is this machine, where HAProxy follows the catalog by itself while yard up runs',
    next: ['yard up --detach', 'yard push --env staging   # an environment with hosts'],
  })
}

export function noHost(environment: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't push to ${environment}`,
    why: 'it has no host yet',
    next: [`yard hosts add web-1 --env ${environment} --address 10.0.0.11`],
  })
}
