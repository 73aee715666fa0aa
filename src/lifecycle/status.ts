import {type Catalog} from '../catalog/catalog.js'
import {type BadRecord} from '../catalog/collection.js'
import {findEnvironment} from '../catalog/find.js'
import {keys} from '../catalog/keys.js'
import {type LockIdentity} from '../catalog/locks.js'
import {readRouted} from '../catalog/snapshot.js'
import {type Clock} from '../contracts/clock.js'
import {type Deploy} from '../domain/deploy.js'
import {type Environment} from '../domain/environment.js'
import {type Lock} from '../domain/lock.js'
import {byService, type Instance, type InstanceStatus} from '../domain/instance.js'
import {routerUrl} from '../domain/instance-environment.js'
import {parseName} from '../domain/names.js'
import {type Binding, type Release} from '../domain/release.js'
import {YardError} from '../errors.js'
import {livingHolder} from './deploy/journal/known-deploy.js'

export interface StatusNeeds {
  catalog: Catalog
  clock: Clock
  identity: Pick<LockIdentity, 'host' | 'isAlive'>
}

export interface StatusReport {
  environment: string
  kind: Environment['kind']
  /** Whether something looks after every host of it. */
  isUp: boolean
  /** Hosts that nobody tells of. */
  unseenHosts: string[]
  router: {url: string; header: string}
  hosts: {host: string; pid: number; since: string; haproxy: string; problem?: string}[]
  services: ServiceStatus[]
  /** Records of the catalog that can't be trusted and are left out. */
  bad: BadRecord[]
  at: string
}

export interface ServiceStatus {
  service: string
  /** The release that has the traffic. */
  release?: number
  commit?: string
  dirty?: boolean
  ref?: string
  movedAt?: string
  instances: InstanceLine[]
  /** Who deploys it right now. */
  lock?: {holder: string; host: string; pid: number; purpose: string; since: string}
  lastDeploy?: Pick<Deploy, 'number' | 'kind' | 'outcome' | 'failedStep' | 'why' | 'startedAt'> & {
    release?: number
  }
}

export interface InstanceLine {
  id: string
  release: number
  process: string
  host: string
  port?: number
  state: Instance['state']
  /** `unknown` when nothing looks after its host. */
  running: InstanceStatus['running'] | 'unknown'
  /** HAProxy's view; undefined for an instance without traffic. */
  healthy?: boolean
  since?: string
  restarts: number
  lastExit?: string
  pid?: number
}

/**
 * What runs where in an environment. Reads only.
 * @throws YardError E_ENVIRONMENT_UNKNOWN, E_SERVICE_UNKNOWN
 */
export async function status(
  needs: StatusNeeds,
  request: {environment: string; service?: string},
): Promise<StatusReport> {
  const {catalog} = needs
  const environment = await findEnvironment(catalog, request.environment)
  const services = await catalog.services.list(keys.services)
  const hosts = await catalog.hosts.list(keys.hosts(environment.name))
  const agents = await catalog.agents.list(keys.agents(environment.name))
  const snapshot = await readRouted(catalog, environment.name)
  const statuses = await catalog.statuses.list(keys.statuses(environment.name))
  const names = new Set([
    ...services.records.map(({record}) => record.name),
    ...snapshot.bindings.map(({record}) => record.service),
    ...snapshot.instances.map(({record}) => record.service),
  ])
  const wanted = request.service === undefined ? [...names].sort() : [knownService(names, request.service)]
  const bad = [...services.bad, ...hosts.bad, ...agents.bad, ...snapshot.bad, ...statuses.bad]
  const facts = {
    bindings: new Map(snapshot.bindings.map(({record}) => [record.service, record])),
    instances: byService(snapshot.instances.map(({record}) => record)),
    statuses: new Map(statuses.records.map(({record}) => [record.id, record])),
  }
  const atWork = new Set(agents.records.map(({record}) => record.host))
  return {
    environment: environment.name,
    kind: environment.kind,
    isUp: hosts.records.length > 0 && hosts.records.every(({record}) => atWork.has(record.name)),
    unseenHosts: hosts.records.map(({record}) => record.name).filter((name) => !atWork.has(name)),
    router: {url: routerUrl(environment), header: environment.router.header},
    hosts: agents.records.map(({record}) => ({
      host: record.host,
      pid: record.pid,
      since: record.startedAt,
      haproxy: record.haproxyVersion,
      ...(record.problem !== undefined && {problem: record.problem}),
    })),
    services: await Promise.all(
      wanted.map((name) => serviceStatus(needs, environment.name, name, facts, bad)),
    ),
    bad,
    at: needs.clock.now().toISOString(),
  }
}

/** Read once for all services. */
interface RoutedFacts {
  bindings: ReadonlyMap<string, Binding>
  instances: ReadonlyMap<string, Instance[]>
  /** By the id of the instance. */
  statuses: ReadonlyMap<string, InstanceStatus>
}

async function serviceStatus(
  needs: StatusNeeds,
  environment: string,
  service: string,
  {bindings, instances, statuses}: RoutedFacts,
  bad: BadRecord[],
): Promise<ServiceStatus> {
  const {catalog} = needs
  const onBad = (record: BadRecord) => void bad.push(record)
  const binding = bindings.get(service)
  const release =
    binding && (await catalog.releases.get(keys.release(service, binding.active), onBad))?.record
  const deploys = await catalog.deploys.list(keys.deploys(environment, service))
  bad.push(...deploys.bad)
  const holder = await livingHolder(needs, environment, service, onBad)
  const lastDeploy = deploys.records.at(-1)?.record
  return {
    service,
    ...(binding !== undefined && {release: binding.active, movedAt: binding.movedAt}),
    ...(release !== undefined && describeRelease(release)),
    instances: (instances.get(service) ?? []).map((each) => instanceLine(each, statuses.get(each.id))),
    ...(holder !== undefined && {lock: describeLock(holder)}),
    ...(lastDeploy !== undefined && {lastDeploy: describeDeploy(lastDeploy)}),
  }
}

function instanceLine(instance: Instance, seen: InstanceStatus | undefined): InstanceLine {
  return {
    id: instance.id,
    release: instance.release,
    process: instance.process,
    host: instance.host,
    ...(instance.port !== undefined && {port: instance.port}),
    state: instance.state,
    running: seen?.running ?? 'unknown',
    ...(seen?.healthy !== undefined && {healthy: seen.healthy}),
    ...(seen !== undefined && {since: seen.since}),
    restarts: seen?.restarts ?? 0,
    ...(seen?.lastExit !== undefined && {lastExit: seen.lastExit}),
    ...(seen?.pid !== undefined && {pid: seen.pid}),
  }
}

function describeRelease({commit, dirty, ref}: Release): Pick<ServiceStatus, 'commit' | 'dirty' | 'ref'> {
  return {commit, dirty, ref}
}

function describeLock({holder, host, pid, purpose, since}: Lock): NonNullable<ServiceStatus['lock']> {
  return {holder, host, pid, purpose, since}
}

function describeDeploy(deploy: Deploy): NonNullable<ServiceStatus['lastDeploy']> {
  const {number, kind, outcome, failedStep, why, release, startedAt} = deploy
  return {
    number,
    kind,
    outcome,
    startedAt,
    ...(failedStep && {failedStep}),
    ...(why && {why}),
    ...(release && {release}),
  }
}

function knownService(names: ReadonlySet<string>, service: string): string {
  parseName('service', service)
  if (names.has(service)) return service
  throw new YardError('E_SERVICE_UNKNOWN', {
    what: `There's no service ${service}`,
    why:
      names.size === 0
        ? 'the catalog has none yet'
        : `the catalog has ${[...names].sort().slice(0, 10).join(', ')}`,
    next: ['yard services list', 'yard register   # in the directory of the service'],
  })
}
