import {type BadRecord} from '../../catalog/collection.js'
import {type RoutingFacts} from '../../domain/routing-model.js'

/** What a sidecar knows of the catalog at one moment: never nothing because a watch broke. */
export interface FollowedState {
  facts: RoutingFacts
  /** The revision that the facts are of. */
  revision: number
  /** How many records there are below `keys.routed` at that revision, those that can't be trusted too. */
  records: number
  /** When the catalog was last heard to hold nothing newer. ISO 8601. */
  seenAt: string
  /** Since when the catalog can't be heard; undefined while it can. ISO 8601. */
  staleSince: string | undefined
  /** Why it can't be heard. */
  problem: string | undefined
  /** Records that can't be trusted: the last good version of each is still followed. */
  bad: readonly BadRecord[]
  /** Losses that are held back, a line each for people. */
  suspects: readonly string[]
}

/** The catalog as a sidecar follows it. */
export interface FollowedCatalog {
  /** Begins to follow; resolves once there is a state: from the catalog, or from the disk while the catalog is away. */
  start(signal: AbortSignal): Promise<void>
  /** @throws Error before `start` resolved. */
  state(): FollowedState
  /** Resolves at the next change of the state that came after `previous`. Rejects with the signal's reason. */
  changedSince(previous: FollowedState, signal: AbortSignal): Promise<void>
}
