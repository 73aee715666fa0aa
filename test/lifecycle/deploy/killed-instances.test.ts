import {expect, test} from '@jest/globals'

import {type DeployEvent} from '../../../src/domain/deploy-event.js'
import {deploy} from '../../../src/lifecycle/deploy.js'
import {failureOf} from '../../fakes/failure-of.js'
import {expectOnlyRelease, fleetRequest as request, liveFleet} from '../../fakes/live-fleet.js'

function warningsIn(world: Awaited<ReturnType<typeof liveFleet>>): string[] {
  return world.events.flatMap((event) => (event.kind === 'warning' ? [event.text] : []))
}

test('old instances that ignore SIGTERM are told of, and in the record and the event of the deploy', async () => {
  const world = await liveFleet(3)
  for (const name of ['h1', 'h3']) world.machine(name).behaviours.set(1, {ignoresTerm: true})
  const events: DeployEvent[] = []
  const announcer = {announce: (event: DeployEvent) => void events.push(event), settle: async () => undefined}

  await deploy(world.needs({announcer}), request)

  const killed = ['hello-r1@h1', 'hello-r1@h3']
  expect(warningsIn(world)).toEqual([`${killed.join(', ')} ignored SIGTERM for 10 s, and had to be killed`])
  expect((await world.fleetDeploys()).at(-1)).toMatchObject({outcome: 'live', killed})
  expect(events.map(({event}) => event)).toEqual(['started', 'succeeded'])
  expect(events.map((event) => event.killed)).toEqual([undefined, killed])
  await expectOnlyRelease(world, 2)
})

test('so are new ones, when a deploy is put back', async () => {
  const world = await liveFleet(2)
  world.behave(2, {ignoresTerm: true, answersAs: 'hello-r1'})

  await failureOf(deploy(world.needs(), request))

  expect((await world.fleetDeploys()).at(-1)).toMatchObject({outcome: 'failed', killed: ['hello-r2@h1']})
  await expectOnlyRelease(world, 1)
})

test('a deploy that killed nobody says nothing of it', async () => {
  const world = await liveFleet(2)

  await deploy(world.needs(), request)

  expect((await world.fleetDeploys()).at(-1)?.killed).toBeUndefined()
})
