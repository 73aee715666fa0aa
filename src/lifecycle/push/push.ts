import {findEnvironment, findHost} from '../../catalog/find.js'
import {acquireLock, type HeldLock} from '../../catalog/locks.js'
import {reportBad} from '../../catalog/report-bad.js'
import {readRoutingFacts} from '../../catalog/routing-facts.js'
import {type Environment} from '../../domain/environment.js'
import {atMost} from './at-most.js'
import {
  hostsAtOnce,
  noHost,
  type PushNeeds,
  type PushReport,
  type PushRequest,
  type PushTarget,
  refuseLocal,
} from './needs.js'
import {pushToHost} from './push-to-host.js'
import {tellOfSidecars} from './remind.js'

/**
 * Brings what the catalog says of the traffic to the hosts of an environment: all of them get the same revision, and
 * one that can't be served keeps what it has and keeps nobody else from being served.
 * @throws YardError E_ENVIRONMENT_UNKNOWN, E_HOST_UNKNOWN, E_USAGE where there is nothing to push to, E_LOCKED,
 * E_NOT_CONFIRMED, and the signal's reason when it aborts
 */
export async function push(needs: PushNeeds, request: PushRequest): Promise<PushReport> {
  const {catalog, clock, identity} = needs
  const environment = await findEnvironment(catalog, request.environment)
  refuseLocal(environment)
  const purpose = `push to ${environment.name}`
  for (const name of request.hosts ?? []) await findHost(catalog, environment.name, name)
  if (request.isPlan) return pushLocked(needs, request, environment, undefined)
  await needs.confirmProtected({environment: environment.name, purpose})
  const lock = await acquireLock(catalog, clock, identity, {name: `push/${environment.name}`, purpose})
  try {
    return await pushLocked(needs, request, environment, lock)
  } finally {
    await lock.release()
  }
}

async function pushLocked(
  needs: PushNeeds,
  request: PushRequest,
  environment: Environment,
  lock: HeldLock | undefined,
): Promise<PushReport> {
  const {catalog, report} = needs
  const {bad, facts, records, revision} = await readRoutingFacts(catalog, environment)
  reportBad(report, bad)
  const wanted = request.hosts === undefined ? undefined : new Set(request.hosts)
  const hosts = (facts.hosts ?? []).filter(({name}) => wanted === undefined || wanted.has(name))
  if (hosts.length === 0) throw noHost(environment.name)
  await tellOfSidecars(
    needs,
    environment.name,
    hosts.map(({name}) => name),
  )
  const signal = lock === undefined ? needs.signal : AbortSignal.any([needs.signal, lock.lost])
  const open = new Set<PushTarget>()
  const closeAll = () => open.forEach((target) => void target.close())
  signal.addEventListener('abort', closeAll)
  const pushed = await atMost(hostsAtOnce, hosts, (host) =>
    pushToHost({...needs, signal}, {host, facts, records, revision, lock, request, open}),
  )
  signal.removeEventListener('abort', closeAll)
  signal.throwIfAborted()
  return {
    environment: environment.name,
    revision,
    isPlan: request.isPlan,
    hosts: pushed.sort((left, right) => (left.host < right.host ? -1 : 1)),
    ...(pushed.some(({outcome}) => outcome === 'failed') && {code: 'E_PUSH_FAILED' as const}),
  }
}
