import {type FleetState, type PracticeFleet} from '../../contracts/practice-fleet.js'

export interface FleetStatusReport extends Partial<Pick<FleetState, 'environment' | 'identityFile'>> {
  /** Empty when there is no fleet. */
  hosts: FleetState['hosts']
}

/** What there is of the practice fleet of this machine. */
export async function fleetStatus({fleet}: {fleet: PracticeFleet}): Promise<FleetStatusReport> {
  const state = await fleet.state()
  if (state === undefined) return {hosts: []}
  const {environment, hosts, identityFile} = state
  return {environment, hosts, identityFile}
}
