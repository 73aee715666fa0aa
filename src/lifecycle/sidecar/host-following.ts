import {type Agent} from '../../domain/instance.js'
import {type PushedRouting} from '../../domain/pushed-routing.js'
import {type SidecarDoorStatus} from '../../domain/sidecar-door.js'
import {type SidecarStatus} from '../../domain/sidecar-status.js'

/** What the catalog holds for the routing of an environment. A deletion shows in the number of records only. */
export interface Wanted {
  /** The newest revision of any of these records. */
  revision: number
  /** Below the environment's routing. */
  records: number
  /** The same without instances that are down, which a push leaves out as well. */
  serving: number
  /** The revision of the catalog in which they were looked at. */
  readAt: number
}

export interface HostFollowing {
  host: string
  /**
   * `behind`: for a moment, as after every change. `lagging`: for more than 30 s, or it doesn't hear of changes. `stale`:
   * it can't hear the catalog for more than 30 s. `holds`: it follows all but a loss that looks like a mistake. `pushed`: nobody follows there, `yard push` brought the newest; `outdated`: or what was newest then.
   */
  state: 'follows' | 'holds' | 'behind' | 'lagging' | 'stale' | 'pushed' | 'outdated' | 'absent'
  /** Who configures HAProxy there. */
  by: 'sidecar' | 'up' | 'push' | 'nobody'
  appliedRevision?: number
  /** For how long it hasn't followed what is wanted. */
  lagMillis?: number
  problem?: string
  /** Records and routes that are left out because they can't be trusted. */
  skipped: string[]
  pid?: number
  since?: string
  haproxyVersion?: string
  pushed?: Pick<PushedRouting, 'at' | 'by'>
  sidecar?: SidecarStatus
  /** Set while it is behind because it hasn't heard of a change. */
  isUnaware?: boolean
}

export interface HostFacts {
  wanted: Wanted
  agent: Agent | undefined
  pushed: PushedRouting | undefined
  now: Date
}

/** Longer than this is told as a fault. */
const patienceMillis = 30_000

/** Where a host is, by what it says of itself. */
export function followingOf(host: string, {agent, now, pushed, wanted}: HostFacts): HostFollowing {
  if (agent !== undefined) {
    const isBehind = isBehindOf(agent, wanted)
    const {sidecar} = agent
    const isUnaware = isBehind && isUnawareOf(sidecar, wanted)
    const lagMillis = isBehind ? lagOf(sidecar, isUnaware, now) : 0
    const staleMillis = sidecar?.staleSince === undefined ? 0 : millisSince(sidecar.staleSince, now)
    const state = stateOf(agent, {isBehind, lagMillis, staleMillis})
    return {...partsOf(host, agent), ...lag(lagMillis), state, ...(isUnaware && {isUnaware})}
  }
  if (pushed === undefined) return {host, state: 'absent', by: 'nobody', skipped: []}
  const isOutdated = isOlder(pushed, wanted)
  const lagMillis = isOutdated ? millisSince(pushed.at, now) : 0
  return {
    host,
    state: !isOutdated ? 'pushed' : lagMillis > patienceMillis ? 'outdated' : 'behind',
    by: 'push',
    appliedRevision: pushed.revision,
    ...lag(lagMillis),
    skipped: [],
    pushed: {at: pushed.at, by: pushed.by},
  }
}

/** A deletion shows in the number of records only. */
function isOlder({records, revision}: PushedRouting, wanted: Wanted): boolean {
  if (revision < wanted.revision) return true
  return records !== undefined && revision < wanted.readAt && records !== wanted.serving
}

/** Where this machine is, by its own clock and without the catalog. */
export function followingHere(said: SidecarDoorStatus): HostFollowing {
  const {agent, millisBehind, millisSinceSeen} = said
  const staleMillis = agent.sidecar?.staleSince === undefined ? 0 : millisSinceSeen
  const state = stateOf(agent, {isBehind: millisBehind > 0, lagMillis: millisBehind, staleMillis})
  return {...partsOf(agent.host, agent), ...lag(millisBehind), state}
}

/** Whether a sidecar holds back losses: until they are back or accepted, somebody should look. */
export function isHolding({sidecar}: {sidecar?: SidecarStatus | undefined}): boolean {
  return sidecar !== undefined && sidecar.suspects.length > 0
}

function stateOf(
  agent: Agent,
  {isBehind, lagMillis, staleMillis}: {isBehind: boolean; lagMillis: number; staleMillis: number},
): HostFollowing['state'] {
  if (staleMillis > patienceMillis) return 'stale'
  if (!isBehind) return isHolding(agent) ? 'holds' : 'follows'
  return lagMillis > patienceMillis ? 'lagging' : 'behind'
}

function isBehindOf(agent: Agent, wanted: Wanted): boolean {
  const {appliedRevision, sidecar} = agent
  if (sidecar?.behindSince !== undefined) return true
  return sidecar === undefined ? appliedRevision < wanted.revision : isUnawareOf(sidecar, wanted)
}

/** Whether it hasn't seen all of what is wanted. */
function isUnawareOf(sidecar: SidecarStatus | undefined, wanted: Wanted): boolean {
  if (sidecar === undefined || sidecar.seenRevision >= wanted.readAt) return false
  return sidecar.seenRevision < wanted.revision || sidecar.records !== wanted.records
}

/** Since it last knew that it followed: what it saw and couldn't apply, or what it doesn't hear of. */
function lagOf(sidecar: SidecarStatus | undefined, isUnaware: boolean, now: Date): number {
  if (sidecar === undefined) return 0
  const {behindSince, seenAt} = sidecar
  return Math.max(
    behindSince === undefined ? 0 : millisSince(behindSince, now),
    isUnaware ? millisSince(seenAt, now) : 0,
  )
}

function partsOf(host: string, agent: Agent): Omit<HostFollowing, 'state'> {
  const {appliedRevision, haproxyVersion, pid, problem, sidecar, skipped, startedAt} = agent
  return {
    host,
    by: sidecar === undefined ? 'up' : 'sidecar',
    appliedRevision,
    skipped,
    pid,
    since: startedAt,
    haproxyVersion,
    ...(problem !== undefined && {problem}),
    ...(sidecar !== undefined && {sidecar}),
  }
}

function lag(lagMillis: number): {lagMillis?: number} {
  return lagMillis > 0 ? {lagMillis} : {}
}

function millisSince(instant: string, now: Date): number {
  return Math.max(0, now.getTime() - Date.parse(instant))
}
