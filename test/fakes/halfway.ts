import {expect} from '@jest/globals'

import {keys} from '../../src/catalog/keys.js'
import {deploy, type DeployRequest} from '../../src/lifecycle/deploy.js'
import {root} from './deploy-world.js'
import {FleetWorld} from './fleet-world.js'

export const request: DeployRequest = {environment: 'staging', directory: root, allowDirty: false}
/** The deploy that is killed, paused or interrupted. */
export const second = {service: 'hello', environment: 'staging', number: 2}
export const resumption = {...second, directory: root}

/** A fleet on which release 1 is live, and a new commit. */
export async function liveFleet(hosts: number): Promise<FleetWorld> {
  const world = await new FleetWorld({hosts}).open()
  await deploy(world.needs(), {...request, strategy: {strategy: 'blue-green'}})
  for (const machine of world.machines.values()) machine.commands.length = 0
  world.traffic.routed.length = 0
  world.nextCommit()
  return world
}

/** That nothing else is left anywhere. @param place shown when it isn't so */
export async function expectOnlyRelease(world: FleetWorld, release: number, place: string): Promise<void> {
  const names = [...world.machines.keys()]
  expect([place, world.running()]).toEqual([place, names.map((name) => `${name}: hello-r${release}@${name}`)])
  const binding = await world.fleetBinding()
  expect([place, binding?.active, binding?.joining]).toEqual([place, release, undefined])
  const instances = await world.fleetInstances()
  expect([place, instances.map(({state}) => state)]).toEqual([place, names.map(() => 'up')])
  const routed = world.traffic.routed.at(-1)
  if (routed !== undefined)
    expect([place, routed]).toEqual([place, names.map((name) => `${name}:${release}`).join(' ')])
  expect(await world.catalog.store.range(keys.locks)).toMatchObject({entries: []})
  const ports = await world.catalog.ports.list(keys.ports('staging', names[0] ?? ''))
  expect([place, ports.records.length]).toEqual([place, 1])
}

/** At every moment each host had one server, of the old or the new release. */
export function expectNeverLess(world: FleetWorld, place: string): void {
  for (const routed of world.traffic.routed)
    expect([place, routed.split(' ').length]).toEqual([place, world.machines.size])
}
