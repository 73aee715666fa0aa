import {describe, expect, test} from '@jest/globals'

import {type WrittenStrategy} from '../../../src/domain/service-file-deploy.js'
import {deploy} from '../../../src/lifecycle/deploy.js'
import {abortDeploy} from '../../../src/lifecycle/deploy/abort.js'
import {resumeDeploy} from '../../../src/lifecycle/deploy/resume.js'
import {rollback} from '../../../src/lifecycle/rollback.js'
import {type FleetWorld} from '../../fakes/fleet-world.js'
import {
  expectNeverLess,
  expectOnlyRelease,
  liveFleet,
  request,
  resumption,
  second,
} from '../../fakes/halfway.js'
import {killAt} from '../../fakes/killing.js'

describe('D2 a deploy that is killed anywhere', () => {
  test('on ten hosts, is resumed: all hosts have the new release, and nothing that was done is done again', async () => {
    let places = 0
    for (; ; places++) {
      const world = await liveFleet(10)
      const place = await killAt(world, places, (needs) => deploy(needs, {...request, strategy: {batch: 3}}))
      if (place === undefined) break
      const spared = await doneCommands(world)
      for (const machine of world.machines.values()) machine.commands.length = 0

      const report = await resumeDeploy(world.needs(), resumption)

      expect([place, report.outcome, report.deploy]).toEqual([place, 'live', 2])
      await expectOnlyRelease(world, report.release, place)
      expectNeverLess(world, place)
      for (const [name, commands] of spared) {
        const again = world.machine(name).commands.filter((command) => commands.has(command))
        expect([place, name, again]).toEqual([place, name, []])
      }
      expect((await world.fleetDeploys()).map(({outcome}) => outcome)).toEqual(['live', 'live'])
    }
    expect(places).toBeGreaterThan(60)
  }, 300_000)

  test('is aborted: all hosts have the old release, as if it had never been', async () => {
    for (let places = 0; ; places++) {
      const world = await liveFleet(5)
      const place = await killAt(world, places, (needs) => deploy(needs, {...request, strategy: {batch: 2}}))
      if (place === undefined) break

      const report = await abortDeploy(world.needs(), second)

      expect([place, report.live]).toEqual([place, 1])
      await expectOnlyRelease(world, 1, place)
      expectNeverLess(world, place)
      expect((await world.fleetDeploys())[1]?.outcome).toBe('aborted')
    }
  }, 300_000)

  test.each<WrittenStrategy>([
    {strategy: 'rolling', batch: 3},
    {strategy: 'blue-green'},
    {strategy: 'canary', batch: 2, bake: '2s'},
  ])('is mended by the next deploy: %j', async (strategy) => {
    for (let places = 0; ; places += 2) {
      const world = await liveFleet(4)
      const place = await killAt(world, places, (needs) => deploy(needs, {...request, strategy}))
      if (place === undefined) break
      world.nextCommit()

      const {release} = await deploy(world.needs(), {...request, strategy})

      await expectOnlyRelease(world, release, place)
      for (const routed of world.traffic.routed) expect(routed.split(' ').length).toBeGreaterThanOrEqual(4)
      const deploys = await world.fleetDeploys()
      expect([place, deploys.filter(({outcome}) => outcome === 'running')]).toEqual([place, []])
    }
  })

  test.each(['blue-green', 'canary'] as const)(
    'with %s is resumed and aborted as well',
    async (strategy) => {
      const wishes = {...request, strategy: {strategy, ...(strategy === 'canary' && {bake: '4s'})}}
      for (let places = 0; ; places += 2) {
        const world = await liveFleet(3)
        const place = await killAt(world, places, (needs) => deploy(needs, wishes))
        if (place === undefined) break
        const {release} = await resumeDeploy(world.needs(), resumption)
        await expectOnlyRelease(world, release, place)
      }
      for (let places = 1; ; places += 2) {
        const world = await liveFleet(3)
        const place = await killAt(world, places, (needs) => deploy(needs, wishes))
        if (place === undefined) break
        await abortDeploy(world.needs(), second)
        await expectOnlyRelease(world, 1, place)
      }
    },
    300_000,
  )

  test('and again while it is resumed, at every second place, ends well', async () => {
    for (let places = 3; ; places += 11) {
      const world = await liveFleet(3)
      const first = await killAt(world, places, (needs) => deploy(needs, request))
      if (first === undefined) break
      for (let again = 0; ; again += 2) {
        const place = await killAt(world, again, (needs) => resumeDeploy(needs, resumption))
        if (place === undefined) break
      }
      await expectOnlyRelease(world, 2, first)
      expectNeverLess(world, first)
    }
  }, 300_000)
})

describe('a rollback that was killed', () => {
  test('is resumed, and aborted', async () => {
    for (const end of ['resume', 'abort'] as const) {
      for (let places = 0; ; places += 3) {
        const world = await liveFleet(3)
        await deploy(world.needs(), request)
        const back = {service: 'hello', environment: 'staging'}
        const place = await killAt(world, places, (needs) => rollback(needs, back))
        if (place === undefined) break
        if (end === 'resume') await resumeDeploy(world.needs(), {...resumption, number: 3})
        else await abortDeploy(world.needs(), {...second, number: 3})
        await expectOnlyRelease(world, end === 'resume' ? 1 : 2, `${end} ${place}`)
      }
    }
  }, 300_000)
})

/** Which commands a host was spared, because the journal says that it has obeyed them. */
async function doneCommands(world: FleetWorld): Promise<Map<string, Set<string>>> {
  const commands = {unpack: 'place', start: 'start'} as const
  const done = new Map([...world.machines.keys()].map((name) => [name, new Set<string>()]))
  for (const {hosts = [], step} of await world.fleetSteps(2)) {
    if (step !== 'unpack' && step !== 'start') continue
    for (const {host, outcome} of hosts) if (outcome === 'done') done.get(host)?.add(commands[step])
  }
  return done
}
