import {type Catalog} from '../../catalog/catalog.js'
import {type BadRecord} from '../../catalog/collection.js'
import {findEnvironment} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {downIn} from '../../catalog/snapshot.js'
import {type Clock} from '../../contracts/clock.js'
import {type SidecarDoor} from '../../contracts/sidecar-door.js'
import {YardError} from '../../errors.js'
import {askDoor} from './ask-door.js'
import {followingHere, followingOf, type HostFollowing, isHolding, type Wanted} from './host-following.js'

export interface SidecarStatusReport {
  environment: string
  /** Absent when only the sidecar of this machine was asked. */
  wanted?: Wanted
  hosts: HostFollowing[]
  /** Whether every host follows, or fell behind a moment ago, and none holds back a loss. */
  isWell: boolean
  /** Records of the catalog that can't be trusted and are left out. */
  bad: BadRecord[]
  at: string
}

export interface SidecarStatusNeeds {
  catalog: Catalog
  clock: Clock
  signal: AbortSignal
}

/** A host follows within milliseconds: whoever is behind is looked at again for so long. */
const patienceMillis = 2_000
/** Whoever hasn't heard of a change after this doesn't hear of changes, whatever it says of itself. */
const hearingMillis = 10_000
const pollMillis = 100

/**
 * Where the HAProxy of each host of an environment is. Reads only.
 * @throws YardError E_ENVIRONMENT_UNKNOWN; E_CATALOG_UNREACHABLE names what this machine can still be asked
 */
export async function sidecarStatus(
  needs: SidecarStatusNeeds,
  request: {environment: string; declaredEnvironments?: readonly string[]},
): Promise<SidecarStatusReport> {
  const {catalog, clock, signal} = needs
  const began = clock.monotonicMillis()
  try {
    const environment = await findEnvironment(catalog, request.environment, request.declaredEnvironments)
    let wanted: Wanted | undefined
    for (;;) {
      const report = await look(needs, environment.name, wanted)
      // What changes meanwhile isn't waited for: in a busy environment that would never end.
      wanted = report.wanted
      const passed = clock.monotonicMillis() - began
      const behind = report.hosts.filter(({state}) => state === 'behind' || state === 'lagging')
      const isAnyUnaware = behind.some(({isUnaware, state}) => isUnaware === true && state === 'behind')
      if (behind.length === 0 || passed >= (isAnyUnaware ? hearingMillis : patienceMillis))
        return withoutHope(report, passed)
      await clock.sleep(pollMillis, signal)
    }
  } catch (error) {
    throw withWayOut(error, request.environment)
  }
}

/**
 * What the sidecar of this machine says of itself, whether the catalog can be heard or not.
 * @throws YardError E_SIDECAR when none answers
 */
export async function sidecarStatusHere(
  needs: {door: Pick<SidecarDoor, 'ask'>; clock: Clock},
  request: {environment: string; doorPort: number},
): Promise<SidecarStatusReport> {
  const {doorPort, environment} = request
  const said = await askDoor(needs.door, doorPort)
  if (said === undefined || said.environment !== environment) {
    const why =
      said === undefined
        ? `none answers on 127.0.0.1:${doorPort}`
        : `the one on port ${doorPort} is that of ${said.agent.host} in ${said.environment}`
    throw new YardError('E_SIDECAR', {
      what: `No sidecar of ${environment} answers on this machine`,
      why,
      next:
        said === undefined
          ? [
              'systemctl status yard-sidecar yard-haproxy',
              environment === 'local'
                ? 'yard sidecar status --env staging --here   # an environment with hosts'
                : `yard sidecar run --env ${environment} --host web-1`,
            ]
          : [`yard sidecar status --env ${said.environment} --here --door-port ${doorPort}`],
    })
  }
  const at = needs.clock.now().toISOString()
  const host = followingHere(said)
  return {environment, hosts: [host], isWell: isWell(host), bad: [], at}
}

/** Who hasn't heard of a change for so long can't be said to be behind for a moment only. */
function withoutHope(report: SidecarStatusReport, passedMillis: number): SidecarStatusReport {
  if (passedMillis < hearingMillis) return report
  const hosts = report.hosts.map((host): HostFollowing => {
    if (host.isUnaware !== true || host.state !== 'behind') return host
    const lagMillis = Math.max(host.lagMillis ?? 0, passedMillis)
    return {...host, state: 'lagging', lagMillis, problem: host.problem ?? "it doesn't hear of changes"}
  })
  return {...report, hosts, isWell: hosts.every(isWell)}
}

async function look(
  {catalog, clock}: SidecarStatusNeeds,
  environment: string,
  known: Wanted | undefined,
): Promise<SidecarStatusReport & {wanted: Wanted}> {
  const agents = await catalog.agents.list(keys.agents(environment))
  const pushed = await catalog.pushedRoutings.list(keys.pushedRoutings(environment))
  const hosts = await catalog.hosts.list(keys.hosts(environment))
  const wanted = known ?? (await readWanted(catalog, environment))
  const now = clock.now()
  const agentOf = new Map(agents.records.map(({record}) => [record.host, record]))
  const pushOf = new Map(pushed.records.map(({record}) => [record.host, record]))
  const names = new Set([...hosts.records.map(({record}) => record.name), ...agentOf.keys()])
  const following = [...names]
    .sort()
    .map((host) => followingOf(host, {wanted, agent: agentOf.get(host), pushed: pushOf.get(host), now}))
  return {
    environment,
    wanted,
    hosts: following,
    isWell: following.every(isWell),
    bad: [...agents.bad, ...pushed.bad, ...hosts.bad],
    at: now.toISOString(),
  }
}

async function readWanted({instances, store}: Catalog, environment: string): Promise<Wanted> {
  const services = await store.range(keys.services)
  const routed = await store.range(keys.routed(environment))
  const ofInstances = routed.entries.filter(({key}) => key.startsWith(keys.instances(environment)))
  return {
    revision: newest([...routed.entries, ...services.entries]),
    records: routed.entries.length,
    serving: routed.entries.length - downIn(instances.readAll(ofInstances).records),
    readAt: routed.revision,
  }
}

function isWell(host: HostFollowing): boolean {
  const {state} = host
  if (isHolding(host)) return false
  return state === 'follows' || state === 'behind' || state === 'pushed'
}

/** Without spreading: there may be a hundred thousand. */
function newest(entries: readonly {modRevision: number}[]): number {
  return entries.reduce((most, {modRevision}) => Math.max(most, modRevision), 0)
}

function withWayOut(error: unknown, environment: string): unknown {
  if (!(error instanceof YardError) || error.code !== 'E_CATALOG_UNREACHABLE') return error
  const {what, why, next, details} = error
  return new YardError(error.code, {
    what,
    why,
    next: [...next, `yard sidecar status --env ${environment} --here   # on a host: asks its own sidecar`],
    ...(details !== undefined && {details}),
    cause: error,
  })
}
