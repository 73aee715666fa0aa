import {type Catalog} from '../../catalog/catalog.js'
import {unchanged} from '../../catalog/collection.js'
import {refuse} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type FleetState, type PracticeFleet} from '../../contracts/practice-fleet.js'
import {type Report} from '../../contracts/report.js'
import {removalOfHost} from '../hosts/removal.js'
import {occupantsOf, whatIsThere} from '../platform/occupants.js'
import {countRecords, forgetDeploys, forgetInstances, type Forgotten} from './forget.js'

export interface FleetDownNeeds {
  fleet: PracticeFleet
  catalog: Catalog
  report: Report
  signal: AbortSignal
  /** Awaited between one change and the next; a test ends the program there. */
  failpoint: ((step: string, moment: string) => Promise<void>) | undefined
}

export interface FleetDownOrder {
  /** Leave in the catalog what was deployed there, and the hosts it ran on. */
  keepRecords: boolean
  dryRun: boolean
}

export interface FleetDownReport {
  dryRun: boolean
  environment?: string
  /** Hosts that were ended with all that ran there, or would be. */
  ended: string[]
  /** What the catalog forgot with them, or would; absent when there was no fleet. */
  forgotten?: Forgotten
  /** Why the catalog still has the environment, in words; undefined once it's removed, or none was there. */
  kept?: string
}

/**
 * Ends the practice fleet of this machine: nothing of it is left here. The catalog forgets the hosts with all that ran
 * there, which is gone for good, and the environment when nothing else is left in it.
 * @throws YardError E_FLEET
 */
export async function fleetDown(needs: FleetDownNeeds, order: FleetDownOrder): Promise<FleetDownReport> {
  const {catalog, failpoint, fleet} = needs
  const {dryRun, keepRecords} = order
  const state = await fleet.state()
  const known = state === undefined ? {} : {environment: state.environment}
  if (dryRun) {
    const there = state?.hosts.filter((host) => host.state !== 'gone') ?? []
    const forgotten = keepRecords ? undefined : await forgettable(catalog, state)
    return {
      dryRun,
      ...known,
      ended: there.map(({name}) => name),
      ...(forgotten !== undefined && {forgotten}),
    }
  }
  const ended = await fleet.end()
  await failpoint?.('fleet-down', 'ended')
  if (state === undefined) {
    await fleet.forget()
    return {dryRun, ended}
  }
  const forgotten = keepRecords ? undefined : await forgettable(catalog, state)
  if (!keepRecords) await forgetInstances(needs, state.environment, await hostsOf(catalog, state))
  await removeHosts(catalog, state)
  if (!keepRecords && (await isEmpty(catalog, state))) await forgetDeploys(needs, state.environment)
  await failpoint?.('fleet-down', 'hosts-removed')
  const kept = await removeEnvironment(catalog, state.environment)
  await failpoint?.('fleet-down', 'unregistered')
  await fleet.forget()
  return {
    dryRun,
    ...known,
    ended,
    ...(forgotten !== undefined && {forgotten}),
    ...(kept !== undefined && {kept}),
  }
}

async function forgettable(catalog: Catalog, state: FleetState | undefined): Promise<Forgotten | undefined> {
  return state && countRecords(catalog, state.environment, await hostsOf(catalog, state))
}

/** Their names, without those of other machines that have taken one, or whose records can't be trusted. */
async function hostsOf(catalog: Catalog, {environment, hosts}: FleetState): Promise<string[]> {
  const {entries} = await catalog.store.range(keys.hosts(environment))
  const {records} = catalog.hosts.readAll(entries)
  const addresses = new Map(records.map(({record}) => [record.name, record.address]))
  const isOther = ({address, name}: FleetState['hosts'][number]) =>
    entries.some(({key}) => key === keys.host(environment, name)) && addresses.get(name) !== address
  return hosts.filter((host) => !isOther(host)).map(({name}) => name)
}

/** Whether nothing is left that could run anything. */
async function isEmpty(catalog: Catalog, {environment}: FleetState): Promise<boolean> {
  const {hosts, instances} = await occupantsOf(catalog, environment)
  return hosts.length === 0 && instances.length === 0
}

/** One after another; a host that somebody uses at this moment is tried again with what it's like then. */
async function removeHosts(catalog: Catalog, {environment, hosts}: FleetState): Promise<void> {
  for (const {address, name} of hosts) {
    const key = keys.host(environment, name)
    for (;;) {
      const stored = await catalog.hosts.get(key)
      // Another machine of this name, or a record that can't be trusted, is not of the fleet.
      if (stored?.record.address !== address) break
      const {instances} = await occupantsOf(catalog, environment)
      if (instances.some(({host}) => host === name)) break
      const writes = await removalOfHost(catalog, environment, name)
      if ((await catalog.attempt([unchanged(key, stored)], writes)) !== false) break
    }
  }
}

/** Returns why it stays, in words. */
async function removeEnvironment(catalog: Catalog, environment: string): Promise<string | undefined> {
  const key = keys.environment(environment)
  for (;;) {
    const stored = await catalog.environments.get(key, refuse)
    if (stored === undefined) return undefined
    const there = whatIsThere(await occupantsOf(catalog, environment))
    if (there !== '') return there
    // Whoever adds a host writes the record of the environment, too, and is noticed here.
    if ((await catalog.attempt([unchanged(key, stored)], [{delete: key}])) !== false) return undefined
  }
}
