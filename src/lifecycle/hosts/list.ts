import {type Catalog} from '../../catalog/catalog.js'
import {type BadRecord} from '../../catalog/collection.js'
import {findEnvironment, findHost} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {reportBad} from '../../catalog/report-bad.js'
import {readRouted} from '../../catalog/snapshot.js'
import {type Report} from '../../contracts/report.js'
import {type Host, type HostDrain} from '../../domain/environment.js'
import {type Agent, type Instance} from '../../domain/instance.js'
import {type PushedRouting} from '../../domain/pushed-routing.js'

export interface HostsNeeds {
  catalog: Catalog
  report: Report
}

export interface ListedHost {
  name: string
  environment: string
  address: string
  zone?: string
  description: string
  /** Faces the outside. */
  edge: boolean
  /**
   * `drained`: an operator took it out of the traffic. `up`: a supervisor or a sidecar is at work there. `ready`: it was set
   * up, and nobody there tells how it is. `unseen`: nothing is known of it.
   */
  state: 'up' | 'drained' | 'ready' | 'unseen'
  instances: number
  /** Stands in the platform file. */
  declared: boolean
}

export interface HostReport extends Omit<ListedHost, 'instances'> {
  instances: Pick<Instance, 'id' | 'service' | 'release' | 'process' | 'port' | 'state'>[]
  /** Its supervisor, as far as it lives. */
  agent?: Pick<Agent, 'pid' | 'startedAt' | 'appliedRevision' | 'haproxyVersion' | 'problem'> & {
    /** It holds HAProxy to the catalog and nothing else. */
    isSidecar: boolean
  }
  drain?: Pick<HostDrain, 'since' | 'by'>
  /** Whom yard logs in as, once it was set up. */
  user?: string
  /** What was brought to it last, if anything. */
  pushed?: Pick<PushedRouting, 'revision' | 'at' | 'by'>
}

/**
 * The hosts of an environment, sorted by name. Records that can't be trusted are reported and left out.
 * @throws YardError E_NAME_INVALID, E_ENVIRONMENT_UNKNOWN
 */
export async function listHosts(
  needs: HostsNeeds,
  request: {environment: string; declaredEnvironments: readonly string[]},
): Promise<ListedHost[]> {
  const {catalog, report} = needs
  const {name} = await findEnvironment(catalog, request.environment, request.declaredEnvironments)
  const hosts = await catalog.hosts.list(keys.hosts(name))
  const facts = await readFacts(catalog, name)
  reportBad(report, [...hosts.bad, ...facts.bad])
  return hosts.records.map(({record}) => {
    const {instances, ...host} = describe(record, facts)
    return {...host, instances: instances.length}
  })
}

/**
 * One host, what runs there and who looks after it.
 * @throws YardError E_NAME_INVALID, E_ENVIRONMENT_UNKNOWN, E_HOST_UNKNOWN
 */
export async function showHost(
  needs: HostsNeeds,
  request: {environment: string; host: string; declaredEnvironments: readonly string[]},
): Promise<HostReport> {
  const {catalog, report} = needs
  const {name} = await findEnvironment(catalog, request.environment, request.declaredEnvironments)
  const {record} = await findHost(catalog, name, request.host)
  const facts = await readFacts(catalog, name)
  const bad: BadRecord[] = []
  const key = keys.pushedRouting(name, record.name)
  const pushed = (await catalog.pushedRoutings.get(key, (found) => void bad.push(found)))?.record
  reportBad(report, [...facts.bad, ...bad])
  const host = describe(record, facts)
  const agent = facts.agents.get(record.name)
  const drain = facts.drains.get(record.name)
  return {
    ...host,
    instances: host.instances.map(({id, port, process, release, service, state}) => ({
      id,
      service,
      release,
      process,
      ...(port !== undefined && {port}),
      state,
    })),
    ...(record.user !== undefined && {user: record.user}),
    ...(agent !== undefined && {agent: describeAgent(agent)}),
    ...(drain !== undefined && {drain: {since: drain.since, by: drain.by}}),
    ...(pushed !== undefined && {pushed: {revision: pushed.revision, at: pushed.at, by: pushed.by}}),
  }
}

interface Facts {
  instances: Map<string, Instance[]>
  agents: Map<string, Agent>
  drains: Map<string, HostDrain>
  bad: BadRecord[]
}

async function readFacts(catalog: Catalog, environment: string): Promise<Facts> {
  const routed = await readRouted(catalog, environment)
  const agents = await catalog.agents.list(keys.agents(environment))
  const instances = new Map<string, Instance[]>()
  for (const {record} of routed.instances) {
    const there = instances.get(record.host)
    if (there === undefined) instances.set(record.host, [record])
    else there.push(record)
  }
  return {
    instances,
    agents: new Map(agents.records.map(({record}) => [record.host, record])),
    drains: new Map(routed.drains.map(({record}) => [record.host, record])),
    bad: [...routed.bad, ...agents.bad],
  }
}

function describe(
  {address, declared, description, edge, environment, name, user, zone}: Host,
  facts: Facts,
): Omit<ListedHost, 'instances'> & {instances: Instance[]} {
  const own = facts.agents.has(name) ? 'up' : user === undefined ? 'unseen' : 'ready'
  return {
    name,
    environment,
    address,
    ...(zone !== undefined && {zone}),
    description,
    edge: edge === true,
    state: facts.drains.has(name) ? 'drained' : own,
    instances: facts.instances.get(name) ?? [],
    declared: declared === true,
  }
}

function describeAgent(agent: Agent): NonNullable<HostReport['agent']> {
  const {appliedRevision, haproxyVersion, pid, problem, sidecar, startedAt} = agent
  const isSidecar = sidecar !== undefined
  return {pid, startedAt, appliedRevision, haproxyVersion, isSidecar, ...(problem !== undefined && {problem})}
}
