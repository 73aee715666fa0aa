import {expect, test} from '@jest/globals'

import {keys} from '../../../../src/catalog/keys.js'
import {deploy} from '../../../../src/lifecycle/deploy.js'
import {failureOf} from '../../../fakes/failure-of.js'
import {fleetRequest as request, liveFleet} from '../../../fakes/live-fleet.js'

test('when one instance of a host fails, nobody asks for the others there any more', async () => {
  const world = await liveFleet(1)
  const scale = {
    ...{v: 1 as const, service: 'hello', environment: 'staging', processes: {web: 2}},
    ...{by: 'ada@laptop', changedAt: world.clock.now().toISOString()},
  }
  await world.catalog.commit('test', [], [world.catalog.scales.put(keys.scale('staging', 'hello'), scale)])
  world.behave(2, {readyAfterMillis: 1e7})
  const machine = world.machine('h1')
  const statuses = machine.statuses.bind(machine)
  let asked = 0
  machine.statuses = async (ids) => {
    asked += 1
    const [first] = ids
    const isFirst = first === 'hello-r2@h1' && machine.running.has(first)
    return isFirst ? new Map([[first, {...dead, id: first}]]) : statuses(ids)
  }

  const began = world.clock.monotonicMillis()
  const error = await failureOf(deploy(world.needs(), request))
  const [before, took] = [asked, world.clock.monotonicMillis() - began]
  await world.clock.sleep(60_000)

  expect(error.why).toContain('hello-r2@h1 ended by itself with exit 3')
  expect(asked).toBe(before)
  expect(took).toBeLessThan(5_000)
})

const dead = {
  v: 1 as const,
  running: 'backing-off' as const,
  since: '2026-11-20T12:00:00.000Z',
  restarts: 1,
  lastExit: 'exit 3',
}
