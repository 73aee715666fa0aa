import {findEnvironment, findHost} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {acquireLock} from '../../catalog/locks.js'
import {reportBad} from '../../catalog/report-bad.js'
import {
  type SidecarFile,
  type SidecarHost,
  type SidecarHostFacts,
  sidecarTokenFile,
} from '../../contracts/sidecar-host.js'
import {type Environment, type Host} from '../../domain/environment.js'
import {YardError} from '../../errors.js'
import {hostPlaces, sidecarUnits} from '../sidecar/units.js'
import {atMost} from './at-most.js'
import {hostsAtOnce, noHost, type PushNeeds, type PushProblem, refuseLocal} from './needs.js'
import {pinNewKey} from './pin-key.js'
import {problemOf} from './push-problem.js'

export interface ShipNeeds extends Omit<PushNeeds, 'openHost'> {
  openSidecarHost: (host: Host, options: SidecarLogin) => Promise<OpenedSidecarHost>
  /** The sidecar in one file. */
  program: () => Promise<string>
  /** What hosts reach the catalog by; undefined when only this machine does. */
  catalogUrl: string | undefined
}

interface SidecarLogin {
  acceptsNewKey: boolean
  /** Root, or somebody with sudo; whoever sets machines up unless given. */
  login?: string
}

export interface OpenedSidecarHost {
  sidecar: SidecarHost
  /** Its SSH host key, when it was taken although nobody knew it. */
  newHostKey(): string | undefined
  close(): Promise<void>
}

export interface ShipRequest extends SidecarLogin {
  environment: string
  hosts?: readonly string[]
}

export interface ShipReport {
  environment: string
  hosts: ShippedHost[]
  /** E_PUSH_FAILED when a host has no sidecar that follows the catalog. */
  code?: 'E_PUSH_FAILED'
}

export interface ShippedHost {
  host: string
  address: string
  outcome: 'installed' | 'unchanged' | 'failed'
  /** Files that are new there. */
  changed: string[]
  /** Its key was not known before; it is pinned in the catalog now. */
  pinnedKey?: string
  problem?: PushProblem
}

const oldestNode = [20, 19] as const
const patienceMillis = 60_000
const pollMillis = 250

/**
 * Puts a sidecar on the hosts of an environment and waits until each says in the catalog that it follows. Nothing of
 * this program's own access to the catalog is sent along: a host has its own.
 * @throws YardError E_SIDECAR when the catalog is a file that no other machine reaches, and those of `push`
 */
export async function shipSidecars(needs: ShipNeeds, request: ShipRequest): Promise<ShipReport> {
  const {catalog, clock, identity} = needs
  const environment = await findEnvironment(catalog, request.environment)
  refuseLocal(environment)
  const catalogUrl = needs.catalogUrl ?? refuseFile(environment.name)
  const listed = await catalog.hosts.list(keys.hosts(environment.name))
  reportBad(needs.report, listed.bad)
  for (const name of request.hosts ?? []) await findHost(catalog, environment.name, name)
  const hosts = listed.records
    .map(({record}) => record)
    .filter(({name}) => request.hosts === undefined || request.hosts.includes(name))
  if (hosts.length === 0) throw noHost(environment.name)
  const purpose = `put sidecars on the hosts of ${environment.name}`
  await needs.confirmProtected({environment: environment.name, purpose})
  const program = await needs.program()
  const lock = await acquireLock(catalog, clock, identity, {name: `push/${environment.name}`, purpose})
  try {
    const shipped = await atMost(hostsAtOnce, hosts, (host) =>
      ship(needs, {environment, host, program, catalogUrl, request}),
    )
    needs.signal.throwIfAborted()
    const isFailed = shipped.some(({outcome}) => outcome === 'failed')
    return {environment: environment.name, hosts: shipped, ...(isFailed && {code: 'E_PUSH_FAILED' as const})}
  } finally {
    await lock.release()
  }
}

interface Shipment {
  environment: Environment
  host: Host
  program: string
  catalogUrl: string
  request: ShipRequest
}

async function ship(needs: ShipNeeds, shipment: Shipment): Promise<ShippedHost> {
  const {host, request} = shipment
  const {acceptsNewKey, login} = request
  const shipped: ShippedHost = {host: host.name, address: host.address, outcome: 'failed', changed: []}
  let opened: OpenedSidecarHost | undefined
  try {
    needs.signal.throwIfAborted()
    opened = await needs.openSidecarHost(host, {acceptsNewKey, ...(login !== undefined && {login})})
    const {sidecar} = opened
    const facts = await sidecar.facts()
    refuseUnfit(host, facts)
    const began = needs.clock.now().toISOString()
    shipped.changed = await sidecar.install(filesFor(shipment, facts))
    Object.assign(shipped, await pinNewKey(needs, host, opened))
    const restarts = shipped.changed.length > 0
    await sidecar.start({restarts})
    await untilFollowing(needs, host, restarts ? began : undefined)
    return {...shipped, outcome: restarts ? 'installed' : 'unchanged'}
  } catch (error) {
    return {...shipped, problem: withLoginHint(problemOf(error, host.name), host)}
  } finally {
    await opened?.close()
  }
}

function filesFor(
  {catalogUrl, environment, host, program}: Shipment,
  facts: SidecarHostFacts,
): SidecarFile[] {
  const units = sidecarUnits({
    environment: environment.name,
    host: host.name,
    catalogUrl,
    ...(facts.node !== undefined && {node: facts.node}),
    ...(facts.haproxy !== undefined && {haproxy: facts.haproxy}),
    ...(facts.hasToken && {tokenFile: sidecarTokenFile}),
  })
  return [
    {path: hostPlaces.program, text: program},
    ...units.map(({name, text}) => ({path: `${hostPlaces.units}/${name}`, text})),
  ]
}

/** A record of before the restart says nothing of the sidecar that was started now. */
async function untilFollowing(
  {catalog, clock, signal}: ShipNeeds,
  host: Host,
  since: string | undefined,
): Promise<void> {
  const started = clock.monotonicMillis()
  let problem: string | undefined
  for (;;) {
    const agent = (await catalog.agents.get(keys.agent(host.environment, host.name)))?.record
    const isNew = agent?.sidecar !== undefined && (since === undefined || agent.sidecar.seenAt >= since)
    problem = agent?.problem
    if (isNew && problem === undefined) return
    if (clock.monotonicMillis() - started > patienceMillis) break
    await clock.sleep(pollMillis, signal)
  }
  throw new YardError('E_SIDECAR', {
    what: `The sidecar of ${host.name} doesn't follow the catalog`,
    why: problem ?? `it has not said anything in the catalog for ${patienceMillis / 1000} s`,
    next: [
      'journalctl -u yard-sidecar -n 20   # there',
      `put what it needs to reach the catalog into ${hostPlaces.environmentFile} or ${sidecarTokenFile} there`,
    ],
    details: {host: host.name},
  })
}

function refuseUnfit(host: Host, facts: SidecarHostFacts): void {
  const {haproxy, hasSystemd, isRoot, nodeVersion} = facts
  const what = `Can't put a sidecar on ${host.name}`
  if (!isRoot) {
    throw new YardError('E_PERMISSION', {
      what,
      why: 'units are written by root, and another user logs in, whom sudo does not let become root without a password',
      next: [loginHint(host), `yard push --env ${host.environment}   # needs no sidecar`],
    })
  }
  if (!hasSystemd) {
    const next = ['yard sidecar run --help   # under another supervisor'] as const
    throw new YardError('E_SIDECAR', {what, why: 'systemd does not run there', next: [...next]})
  }
  if (haproxy === undefined) {
    const next = ['sudo apt-get install haproxy   # there'] as const
    throw new YardError('E_HAPROXY_MISSING', {what, why: 'haproxy is not installed there', next: [...next]})
  }
  const [major = 0, minor = 0] = (nodeVersion ?? '').split('.').map(Number)
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return
  const found = nodeVersion === undefined ? 'Node.js is not installed there' : `it has Node.js ${nodeVersion}`
  throw new YardError('E_SIDECAR', {
    what,
    why: `${found}, and the sidecar needs ${oldestNode.join('.')} or newer`,
    next: ['install Node.js 22 or 24 there, where root finds it as node'],
  })
}

function loginHint({environment, name}: Host): string {
  return `yard push --sidecar --env ${environment} --hosts ${name} --login NAME   # root, or somebody with sudo there`
}

function withLoginHint(problem: PushProblem, host: Host): PushProblem {
  return problem.code === 'E_HOST_AUTH' ? {...problem, next: [loginHint(host), ...problem.next]} : problem
}

function refuseFile(environment: string): never {
  throw new YardError('E_SIDECAR', {
    what: `Can't put sidecars on the hosts of ${environment}`,
    why: 'the catalog is a file on this machine, which they can not follow',
    next: [
      'use etcd or yard serve: --catalog etcd://10.0.0.1:2379',
      `yard push --env ${environment}   # needs no sidecar`,
    ],
  })
}
