import {printable} from '../../domain/names.js'
import {type Agent} from '../../domain/instance.js'
import {type SidecarDoorStatus} from '../../domain/sidecar-door.js'
import {type FollowedState} from './followed-state.js'
import {type RoutingProgress} from './routing-progress.js'

export interface SidecarIdentity {
  environment: string
  host: string
  pid: number
  /** ISO 8601. */
  startedAt: string
  /** Of yard. */
  version: string
  haproxyVersion: string
}

/** A record holds so many lines of each kind; the last one says how many there are besides. */
const mostLines = 50
const longestLine = 500

/** What a sidecar tells the catalog of itself. */
export function agentRecord(
  identity: SidecarIdentity,
  state: FollowedState,
  progress: RoutingProgress,
): Agent {
  const {host, pid, startedAt, haproxyVersion, version} = identity
  const problem = progress.problem ?? state.problem
  return {
    v: 1,
    host,
    pid,
    startedAt,
    appliedRevision: progress.appliedRevision,
    haproxyVersion,
    skipped: lines([...state.bad.map(({key, why}) => `${printableKey(key)}: ${why}`), ...progress.skipped]),
    ...(problem !== undefined && {problem: problem.slice(0, longestLine)}),
    sidecar: {
      version,
      seenRevision: state.revision,
      seenAt: state.seenAt,
      records: state.records,
      ...(state.staleSince !== undefined && {staleSince: state.staleSince}),
      ...(progress.appliedAt !== undefined && {appliedAt: progress.appliedAt}),
      ...(progress.behindSince !== undefined && {behindSince: progress.behindSince.at}),
      ...(progress.generation !== undefined && {generation: progress.generation}),
      ...(progress.lastChange !== undefined && {lastChange: progress.lastChange}),
      reloads: {...progress.reloads},
      workers: progress.workers,
      suspects: lines(state.suspects),
      drift: lines(progress.drift),
      isReloadOwed: progress.isReloadOwed,
    },
  }
}

/** What it tells its own machine, where the catalog isn't needed. `now` never goes back. */
export function doorStatus(
  identity: SidecarIdentity,
  state: FollowedState,
  progress: RoutingProgress,
  now: number,
): SidecarDoorStatus {
  return {
    v: 1,
    environment: identity.environment,
    agent: agentRecord(identity, state, progress),
    millisSinceSeen: Math.max(0, Math.round(now - (progress.seen?.millis ?? now))),
    millisBehind: Math.max(0, Math.round(now - (progress.behindSince?.millis ?? now))),
  }
}

/** Keys of records that can't be trusted may hold anything. */
function printableKey(key: string): string {
  return /^[\x21-\x7e]{1,200}$/.test(key) ? key : printable(key)
}

function lines(all: readonly string[]): string[] {
  const kept = all.slice(0, mostLines).map((line) => line.slice(0, longestLine))
  return all.length > mostLines ? [...kept, `and ${all.length - mostLines} more`] : kept
}
