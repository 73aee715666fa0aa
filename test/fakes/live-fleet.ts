import {expect} from '@jest/globals'

import {deploy, type DeployRequest} from '../../src/lifecycle/deploy.js'
import {root} from './deploy-world.js'
import {FleetWorld} from './fleet-world.js'

export const fleetRequest: DeployRequest = {environment: 'staging', directory: root, allowDirty: false}

/** A fleet on which release 1 is live, and a new commit. */
export async function liveFleet(hosts: number): Promise<FleetWorld> {
  const world = await new FleetWorld({hosts}).open()
  await deploy(world.needs(), {...fleetRequest, strategy: {strategy: 'blue-green'}})
  for (const machine of world.machines.values()) machine.commands.length = 0
  world.traffic.routed.length = 0
  world.events.length = 0
  world.nextCommit()
  return world
}

export const everywhere = (world: FleetWorld, release: number) =>
  [...world.machines.keys()].map((name) => `${name}: hello-r${release}@${name}`)

export async function expectOnlyRelease(world: FleetWorld, release: number): Promise<void> {
  expect(world.running()).toEqual(everywhere(world, release))
  const binding = await world.fleetBinding()
  expect([binding?.active, binding?.joining]).toEqual([release, undefined])
  expect((await world.fleetInstances()).map((one) => one.state)).toEqual([...world.machines].map(() => 'up'))
  // Traffic that was never moved is where it was.
  const routed = world.traffic.routed.at(-1)?.split(' ')
  const names = [...world.machines.keys()]
  if (routed !== undefined) expect(routed).toEqual(names.map((name) => `${name}:${release}`))
}

/** At every moment each host had one server, of the old or the new release. */
export function expectNeverLess(world: FleetWorld): void {
  for (const routed of world.traffic.routed)
    expect(routed.split(' ').length).toBeGreaterThanOrEqual(world.machines.size)
}
