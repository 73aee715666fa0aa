import {type FleetDownNeeds} from '../lifecycle/fleet/down.js'
import {type FleetUpNeeds} from '../lifecycle/fleet/up.js'
import {fleetDirectory} from './practice-fleet-identity.js'
import {type Yard} from './yard.js'

/** What the commands of the practice fleet need of the world. */
export async function fleetNeeds(yard: Yard): Promise<FleetDownNeeds & FleetUpNeeds> {
  return {
    ...(await fleetHere(yard)),
    catalog: await yard.catalog(),
    report: yard.report,
    signal: yard.signal,
    failpoint: yard.failpoint,
  }
}

/** The practice fleet of this state directory. */
export async function fleetHere(
  yard: Pick<Yard, 'baseVariables' | 'paths'>,
): Promise<Pick<FleetUpNeeds, 'fleet'>> {
  const {NspawnFleet} = await import('../adapters/fleet-nspawn/index.js')
  const fleet = new NspawnFleet({
    directory: fleetDirectory(yard.paths),
    cache: yard.paths.cache,
    variables: yard.baseVariables,
    node: process.execPath,
    mirror: process.env['YARD_DEBIAN_MIRROR'] || undefined,
  })
  return {fleet}
}
