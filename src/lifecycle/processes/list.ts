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
import {type Instance, type InstanceStatus} from '../../domain/instance.js'
import {type Binding} from '../../domain/release.js'
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
  lastExit?: string
  problem?: string
  /** Whether new requests go to it. */
  hasTraffic: boolean
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
  const names = [...new Set(instances.map(({host}) => host))].sort()
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
    unasked,
    at: clock.now().toISOString(),
  }
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
    return {problem: {host: name, why: 'the catalog has no such host', next: ['yard hosts list']}}
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
    return {problem: {host: name, why: error.why, next: error.next}}
  }
}

function hasTraffic(
  instance: Instance,
  {bindings, drained}: {bindings: ReadonlyMap<string, Binding>; drained: ReadonlySet<string>},
): boolean {
  const binding = bindings.get(instance.service)
  return (
    getsRequests(instance, binding?.active, drained) ||
    (binding?.joining !== undefined && getsRequests(instance, binding.joining, drained))
  )
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
): Pick<ListedProcess, 'lastExit' | 'pid' | 'problem' | 'restarts' | 'since' | 'state'> {
  if (status === undefined) return {state: 'gone'}
  const {lastExit, pid, problem, restarts, running, since} = status
  return {
    state: running,
    since,
    restarts,
    ...(pid !== undefined && {pid}),
    ...(lastExit !== undefined && {lastExit}),
    ...(problem !== undefined && {problem}),
  }
}
