import {type Catalog} from '../../catalog/catalog.js'
import {type FleetHostState, type PracticeFleet} from '../../contracts/practice-fleet.js'
import {type Report} from '../../contracts/report.js'
import {fleetHostNames, mostFleetHosts} from '../../domain/fleet.js'
import {parseName} from '../../domain/names.js'
import {YardError} from '../../errors.js'
import {refuseLocal} from '../hosts/local.js'
import {checkEnvironment, registerFleet} from './register.js'

export interface FleetUpNeeds {
  fleet: PracticeFleet
  catalog: Catalog
  report: Report
  signal: AbortSignal
  /** Awaited between one change and the next; a test ends the program there. */
  failpoint: ((step: string, moment: string) => Promise<void>) | undefined
}

export interface FleetUpOrder {
  environment: string
  /** How many hosts there are to be at least. */
  hosts: number
  dryRun: boolean
}

export interface FleetUpReport {
  environment: string
  dryRun: boolean
  /** Hosts that were started, or would be; those that run are left alone. */
  started: string[]
  /** All hosts there are; before the first start none is known. */
  hosts: Pick<FleetHostState, 'address' | 'isSetUp' | 'name' | 'state' | 'systemd'>[]
  /** Of the key with which root logs in to every host. */
  identityFile?: string
}

/**
 * Has a practice fleet run on this machine, and the catalog know it. Again mends whatever was left half done, starts what
 * doesn't run, and leaves alone what does.
 * @throws YardError E_NAME_INVALID, E_USAGE, E_FLEET
 */
export async function fleetUp(needs: FleetUpNeeds, order: FleetUpOrder): Promise<FleetUpReport> {
  const {catalog, failpoint, fleet, report, signal} = needs
  const {dryRun, hosts} = order
  const environment = parseName('environment', order.environment)
  refuseLocal('make a practice fleet of', environment)
  if (!Number.isInteger(hosts) || hosts < 1 || hosts > mostFleetHosts) throw isBadCount(hosts)
  const before = await fleet.state()
  if (before !== undefined && before.environment !== environment) {
    throw isElsewhere(environment, before.environment)
  }
  await checkEnvironment(catalog, environment)
  const running = new Set(
    before?.hosts.filter(({state}) => state === 'running' || state === 'starting').map(({name}) => name),
  )
  const names = fleetHostNames(Math.max(hosts, before?.hosts.length ?? 0))
  const started = names.filter((name) => !running.has(name))
  if (dryRun) return {environment, dryRun, started, hosts: (before?.hosts ?? []).map(shown)}
  const reached = (moment: string) => failpoint?.('fleet-up', moment) ?? Promise.resolve()
  const state = await fleet.up({environment, count: hosts, report, signal, reached})
  await reached('up')
  await registerFleet(catalog, state)
  await reached('registered')
  return {environment, dryRun, started, hosts: state.hosts.map(shown), identityFile: state.identityFile}
}

function shown({address, isSetUp, name, state, systemd}: FleetHostState): FleetUpReport['hosts'][number] {
  return {name, address, state, ...(systemd !== undefined && {systemd}), isSetUp}
}

function isBadCount(hosts: number): YardError {
  return new YardError('E_USAGE', {
    what: `Can't start ${hosts} hosts`,
    why: `a practice fleet has 1 to ${mostFleetHosts}`,
    next: ['yard fleet up --hosts 3'],
  })
}

function isElsewhere(environment: string, other: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't make ${environment} the environment of the practice fleet`,
    why: `the fleet of this machine is the environment ${other}`,
    next: [`yard fleet up --env ${other}`, 'yard fleet down   # then up with another name'],
  })
}
