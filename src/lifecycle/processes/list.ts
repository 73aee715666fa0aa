import {type Catalog} from '../../catalog/catalog.js'
import {findEnvironment, findService} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {reportBad} from '../../catalog/report-bad.js'
import {readRouted} from '../../catalog/snapshot.js'
import {type Clock} from '../../contracts/clock.js'
import {type InstanceHost} from '../../contracts/instance-host.js'
import {type Report} from '../../contracts/report.js'
import {type Environment, type Host} from '../../domain/environment.js'
import {getsRequests} from '../../domain/instance-change.js'
import {type Instance, type InstanceStatus, parseInstanceId} from '../../domain/instance.js'
import {inEnvironment} from '../../domain/next-line.js'
import {type Binding} from '../../domain/release.js'
import {compareHosts} from '../../domain/scale.js'
import {YardError} from '../../errors.js'

export interface ProcessListNeeds {
  catalog: Catalog
  clock: Clock
  report: Report
  openInstanceHost: (
    environment: Environment,
    host: Host,
  ) => Promise<Pick<InstanceHost, 'close' | 'statuses'>>
}

export interface ProcessListRequest {
  environment: string
  service: string | undefined
}

export interface ProcessListReport {
  environment: string
  processes: ListedProcess[]
  /** Services with a live release of which no instance is there. */
  idle: IdleService[]
  /** Hosts that could not be asked: nothing is known of what runs there now. */
  unasked: UnaskedHost[]
  at: string
}

export interface ListedProcess {
  instance: string
  service: string
  release: number
  process: string
  host: string
  port?: number
  /** What is wanted of it. */
  wanted: Instance['state']
  /** As its host has it now; `gone` when nothing of it is there, `unknown` when the host could not be asked. */
  state: InstanceStatus['running'] | 'gone' | 'unknown'
  /** When the present state began. */
  since?: string
  restarts?: number
  pid?: number
  /** Of all its processes; absent where nobody measures it. */
  memoryBytes?: number
  lastExit?: string
  problem?: string
  /** Whether new requests go to it. */
  hasTraffic: boolean
}

export interface IdleService {
  service: string
  /** The live one. */
  release: number
  /** Its processes, where an operator wants none of them to run. */
  scaledToNone: string[]
}

export interface UnaskedHost {
  host: string
  why: string
  next: readonly string[]
}

/**
 * The processes of an environment or of one service in it, as their hosts have them now: all hosts are asked at the
 * same time. Reads only.
 * @throws YardError E_NAME_INVALID, E_ENVIRONMENT_UNKNOWN, E_SERVICE_UNKNOWN
 */
export async function listProcesses(
  needs: ProcessListNeeds,
  request: ProcessListRequest,
): Promise<ProcessListReport> {
  const {catalog, clock, report} = needs
  const found = await findEnvironment(catalog, request.environment)
  const environment = found.name
  const service =
    request.service === undefined ? undefined : (await findService(catalog, request.service)).record.name
  const routed = await readRouted(catalog, environment)
  const hosts = await catalog.hosts.list(keys.hosts(environment))
  reportBad(report, [...routed.bad, ...hosts.bad])

  const instances = routed.instances
    .map(({record}) => record)
    .filter((instance) => service === undefined || instance.service === service)
    .sort(byPlace)
  const names = [...new Set(instances.map(({host}) => host))].sort(compareHosts)
  const known = new Map(hosts.records.map(({record}) => [record.name, record]))
  const asked = await Promise.all(
    names.map((name) => {
      const ids = instances.filter(({host}) => host === name).map(({id}) => id)
      return askHost(needs, {environment: found, name, host: known.get(name), ids})
    }),
  )
  const statuses = new Map(asked.flatMap((each) => [...(each.statuses ?? [])]))
  const unasked = asked.flatMap(({problem}) => (problem === undefined ? [] : [problem]))
  const traffic = {
    bindings: new Map(routed.bindings.map(({record}) => [record.service, record])),
    drained: new Set(routed.drains.map(({record}) => record.host)),
  }
  return {
    environment,
    processes: instances.map((instance) => {
      const isUnasked = unasked.some(({host}) => host === instance.host)
      return {
        ...listed(instance, hasTraffic(instance, traffic)),
        ...(isUnasked ? {state: 'unknown' as const} : seen(statuses.get(instance.id))),
      }
    }),
    idle: await idleServices(
      catalog,
      environment,
      routed.bindings
        .map(({record}) => record)
        .filter((one) => service === undefined || one.service === service),
      new Set(instances.map((one) => one.service)),
    ),
    unasked,
    at: clock.now().toISOString(),
  }
}

async function idleServices(
  catalog: Catalog,
  environment: string,
  bindings: readonly Binding[],
  running: ReadonlySet<string>,
): Promise<IdleService[]> {
  const idle = bindings.filter(({service}) => !running.has(service))
  return Promise.all(
    idle.map(async ({active, service}) => {
      const scale = await catalog.scales.get(keys.scale(environment, service))
      const counts = Object.entries(scale?.record.processes ?? {})
      const isNone = counts.every(([, count]) => count === 0)
      return {service, release: active, scaledToNone: isNone ? counts.map(([process]) => process) : []}
    }),
  )
}

interface Question {
  environment: Environment
  name: string
  host: Host | undefined
  ids: readonly string[]
}

interface Asked {
  statuses?: ReadonlyMap<string, InstanceStatus>
  problem?: UnaskedHost
}

/** A host that can't be reached is an answer, too: the others are still told of. */
async function askHost(needs: ProcessListNeeds, {environment, host, ids, name}: Question): Promise<Asked> {
  if (host === undefined) {
    return {
      problem: {
        host: name,
        why: 'the catalog has no such host',
        next: [`yard hosts list --env ${environment.name}`],
      },
    }
  }
  try {
    const opened = await needs.openInstanceHost(environment, host)
    try {
      return {statuses: await opened.statuses(ids)}
    } finally {
      await opened.close()
    }
  } catch (error) {
    if (!(error instanceof YardError)) throw error
    const next = error.next.map((line) => inEnvironment(line, environment.name))
    return {problem: {host: name, why: error.why, next}}
  }
}

/** As people count: the first host first, and the first instance of a process on it. */
function byPlace(one: Instance, other: Instance): number {
  return (
    one.service.localeCompare(other.service, 'en') ||
    one.release - other.release ||
    compareHosts(one.host, other.host) ||
    one.process.localeCompare(other.process, 'en') ||
    (parseInstanceId(one.id)?.index ?? 1) - (parseInstanceId(other.id)?.index ?? 1)
  )
}

function hasTraffic(
  instance: Instance,
  {bindings, drained}: {bindings: ReadonlyMap<string, Binding>; drained: ReadonlySet<string>},
): boolean {
  const binding = bindings.get(instance.service)
  const releases = [binding?.active, binding?.joining, binding?.staying]
  return releases.some((release) => release !== undefined && getsRequests(instance, release, drained))
}

function listed(
  {host, id, port, process, release, service, state}: Instance,
  getsTraffic: boolean,
): Omit<ListedProcess, 'state'> {
  return {
    instance: id,
    service,
    release,
    process,
    host,
    ...(port !== undefined && {port}),
    wanted: state,
    hasTraffic: getsTraffic,
  }
}

function seen(
  status: InstanceStatus | undefined,
): Pick<ListedProcess, 'lastExit' | 'memoryBytes' | 'pid' | 'problem' | 'restarts' | 'since' | 'state'> {
  if (status === undefined) return {state: 'gone'}
  const {lastExit, memoryBytes, pid, problem, restarts, running, since} = status
  return {
    state: running,
    since,
    restarts,
    ...(pid !== undefined && {pid}),
    ...(memoryBytes !== undefined && {memoryBytes}),
    ...(lastExit !== undefined && {lastExit}),
    ...(problem !== undefined && {problem}),
  }
}
