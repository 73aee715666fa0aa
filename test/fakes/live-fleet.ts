import {expect} from '@jest/globals'

import {keys} from '../../src/catalog/keys.js'
import {deploy, type DeployRequest} from '../../src/lifecycle/deploy.js'
import {root} from './deploy-world.js'
import {fleetName, FleetWorld} from './fleet-world.js'

export const fleetRequest: DeployRequest = {environment: fleetName, directory: root, allowDirty: false}

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

/** That nothing else is left anywhere. @param place shown when it isn't so */
export async function expectOnlyRelease(world: FleetWorld, release: number, place = ''): Promise<void> {
  const names = [...world.machines.keys()]
  const binding = await world.fleetBinding()
  const instances = await world.fleetInstances()
  const ports = await Promise.all(names.map((name) => world.catalog.ports.list(keys.ports(fleetName, name))))
  const locks = await world.catalog.store.range(keys.locks)
  expect({
    place,
    running: world.running(),
    binding: [binding?.active, binding?.joining],
    instances: instances.map(({host, state, weight}) => [host, state, weight]).sort(),
    ports: ports.map(({records}) => records.map(({record}) => record.owner)),
    locks: locks.entries,
  }).toEqual({
    place,
    running: everywhere(world, release),
    binding: [release, undefined],
    instances: names.map((name) => [name, 'up', undefined]).sort(),
    ports: names.map((name) => [`hello-r${release}@${name}`]),
    locks: [],
  })
  // Traffic that was never moved is where it was.
  const routed = world.traffic.routed.at(-1)?.split(' ')
  if (routed !== undefined)
    expect([place, ...routed]).toEqual([place, ...names.map((name) => `${name}:${release}`)])
}

/** At every moment each host had one server, of the old or the new release. */
export function expectNeverLess(world: FleetWorld): void {
  for (const routed of world.traffic.routed)
    expect(routed.split(' ').length).toBeGreaterThanOrEqual(world.machines.size)
}
