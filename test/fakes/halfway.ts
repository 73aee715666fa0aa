import {expect} from '@jest/globals'

import {root} from './deploy-world.js'
import {fleetName, type FleetWorld} from './fleet-world.js'

export {expectOnlyRelease, fleetRequest as request, liveFleet} from './live-fleet.js'

/** The deploy that is killed, paused or interrupted. */
export const second = {service: 'hello', environment: fleetName, number: 2}
export const resumption = {...second, directory: root}

/** At every moment each host had one server, of the old or the new release. */
export function expectNeverLess(world: FleetWorld, place: string): void {
  for (const routed of world.traffic.routed)
    expect([place, routed.split(' ').length]).toEqual([place, world.machines.size])
}
