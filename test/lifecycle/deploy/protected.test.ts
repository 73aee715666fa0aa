import {describe, expect, test} from '@jest/globals'

import {YardError} from '../../../src/errors.js'
import {deploy} from '../../../src/lifecycle/deploy.js'
import {abortDeploy} from '../../../src/lifecycle/deploy/abort.js'
import {resumeDeploy} from '../../../src/lifecycle/deploy/resume.js'
import {rollback} from '../../../src/lifecycle/rollback.js'
import {failureOf} from '../../fakes/failure-of.js'
import {type FleetWorld} from '../../fakes/fleet-world.js'
import {liveFleet, request, resumption, second} from '../../fakes/halfway.js'
import {killAt} from '../../fakes/killing.js'

const where = {service: 'hello', environment: 'staging'}

async function killed(place: string): Promise<FleetWorld> {
  const world = await liveFleet(2)
  await killAt(world, place, (needs) => deploy(needs, request))
  world.asked.length = 0
  return world
}

describe('whoever changes what runs is asked where the environment is protected', () => {
  test('by a deploy, and by a rollback', async () => {
    const world = await liveFleet(2)
    world.asked.length = 0

    await deploy(world.needs(), request)
    await rollback(world.needs(), where)

    expect(world.asked).toEqual(['deploy hello to staging', 'roll back hello in staging'])
  })

  test('by resuming what was killed', async () => {
    const world = await killed('move written')

    await resumeDeploy(world.needs(), resumption)

    expect(world.asked).toEqual(['resume deploy 2 of hello to staging'])
  })

  test.each(['move written', 'drain down'])('by aborting what was killed, once (%s)', async (place) => {
    const world = await killed(place)

    await abortDeploy(world.needs(), second)

    expect(world.asked).toEqual(['abort deploy 2 of hello to staging'])
  })

  test('not by what is refused anyway', async () => {
    const world = await liveFleet(2)
    world.asked.length = 0

    const works = [
      () => abortDeploy(world.needs(), {...second, number: 1}),
      () => resumeDeploy(world.needs(), {...resumption, number: 1}),
    ]
    for (const work of works) expect(await failureOf(work())).toMatchObject({code: 'E_DEPLOY_ENDED'})
    expect(world.asked).toEqual([])
  })
})

test.each([
  ['deploy', (world: FleetWorld) => deploy(world.needs({confirmProtected: refuse}), request)],
  ['resume', (world: FleetWorld) => resumeDeploy(world.needs({confirmProtected: refuse}), resumption)],
  ['abort', (world: FleetWorld) => abortDeploy(world.needs({confirmProtected: refuse}), second)],
])('whoever does not agree to a %s changes nothing', async (_, work) => {
  const world = await killed('move written')
  const before = await world.catalog.store.range('/')

  expect(await failureOf(work(world))).toMatchObject({code: 'E_NOT_CONFIRMED'})
  expect(await world.catalog.store.range('/')).toEqual(before)
})

async function refuse(): Promise<never> {
  throw new YardError('E_NOT_CONFIRMED', {what: "Can't", why: 'no', next: ['yes']})
}
