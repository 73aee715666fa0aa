import {beforeEach, describe, expect, test} from '@jest/globals'

import {deploy} from '../../../src/lifecycle/deploy.js'
import {abortDeploy} from '../../../src/lifecycle/deploy/abort.js'
import {resumeDeploy} from '../../../src/lifecycle/deploy/resume.js'
import {restart, restartPlan} from '../../../src/lifecycle/restart/restart.js'
import {rollbackPlan} from '../../../src/lifecycle/rollback.js'
import {root} from '../../fakes/deploy-world.js'
import {failureOf} from '../../fakes/failure-of.js'
import {FleetWorld} from '../../fakes/fleet-world.js'
import {killAt} from '../../fakes/killing.js'

const where = {service: 'hello', environment: 'staging'}
let world: FleetWorld
let asked: string[]

beforeEach(async () => {
  world = await liveFleet(3)
  asked = []
})

async function liveFleet(hosts: number): Promise<FleetWorld> {
  const fleet = await new FleetWorld({hosts}).open()
  await deploy(fleet.needs(), {environment: 'staging', directory: root, allowDirty: false})
  for (const machine of fleet.machines.values()) machine.commands.length = 0
  fleet.traffic.routed.length = 0
  return fleet
}

const needs = (changes: Parameters<FleetWorld['needs']>[0] = {}) => ({
  ...world.needs(changes),
  confirmProtected: async ({purpose}: {purpose: string}) => void asked.push(purpose),
})

describe('a restart', () => {
  test('puts new instances of the same release in the place of the old ones, without a moment with less', async () => {
    const before = new Set([...world.machine('h1').running.values()])

    const report = await restart(needs(), where)

    expect(report).toMatchObject({kind: 'restart', release: 1, before: 1, outcome: 'live'})
    expect(world.running()).toEqual([
      'h1: hello-r1.web.2@h1',
      'h2: hello-r1.web.2@h2',
      'h3: hello-r1.web.2@h3',
    ])
    expect([...world.machine('h1').running.values()].some((one) => before.has(one))).toBe(false)
    for (const routed of world.traffic.routed) expect(routed).toBe('h1:1 h2:1 h3:1')
    expect(asked).toEqual(['restart hello in staging'])
    expect((await world.fleetBinding())?.active).toBe(1)
  })

  test('again takes the first names again', async () => {
    await restart(needs(), where)
    await restart(needs(), where)

    expect(world.running()).toEqual(['h1: hello-r1@h1', 'h2: hello-r1@h2', 'h3: hello-r1@h3'])
  })

  test('on one host loses no request either', async () => {
    world = await liveFleet(1)

    await restart(needs(), where)

    for (const routed of world.traffic.routed) expect(routed).toBe('h1:1')
    expect(world.running()).toEqual(['h1: hello-r1.web.2@h1'])
  })

  test('on some hosts leaves the others alone', async () => {
    await restart(needs(), {...where, hosts: ['h2']})

    expect(world.running()).toEqual(['h1: hello-r1@h1', 'h2: hello-r1.web.2@h2', 'h3: hello-r1@h3'])
    expect(world.machine('h1').commands).toEqual([])
  })

  test('whose new instances are not ready leaves the old ones as they were', async () => {
    world.behave(1, {readyAfterMillis: 10_000_000})
    const before = world.running()

    expect(await failureOf(restart(needs(), where))).toMatchObject({code: 'E_DEPLOY_FAILED'})

    expect(world.running()).toEqual(before)
    expect((await world.fleetInstances()).map(({state}) => state)).toEqual(['up', 'up', 'up'])
  })

  test('does not change what a rollback returns to', async () => {
    world.nextCommit()
    await deploy(world.needs(), {environment: 'staging', directory: root, allowDirty: false})
    await restart(needs(), where)

    expect((await rollbackPlan(world.needs(), where)).release).toBe(1)
  })

  test('is planned without a change', async () => {
    const before = await world.catalog.store.range('/yard/v1/in/')

    const plan = await restartPlan(world.needs(), {...where, strategy: {batch: 2}})

    expect(plan).toMatchObject({kind: 'restart', release: 1, batches: [['h1', 'h2'], ['h3']]})
    expect(plan.steps).not.toContain('build')
    expect((await world.catalog.store.range('/yard/v1/in/')).entries).toEqual(before.entries)
  })

  test('of what is not live is refused', async () => {
    await expect(restart(needs(), {...where, environment: 'local'})).rejects.toMatchObject({
      code: 'E_RELEASE_UNKNOWN',
    })
  })

  test('that is killed anywhere is resumed, and aborted while there is a way back', async () => {
    for (const end of ['resume', 'abort'] as const) {
      for (let place = end === 'resume' ? 0 : 1; ; place += 3) {
        world = await liveFleet(2)
        const killed = await killAt(world, place, (doomed) =>
          restart({...doomed, confirmProtected: async () => undefined}, where),
        )
        if (killed === undefined) break
        const reference = {...where, number: 2}
        const error =
          end === 'resume'
            ? await failure(resumeDeploy(world.needs(), {...reference, directory: root}))
            : await failure(abortDeploy(world.needs(), reference))
        const isFinal = error !== undefined
        if (isFinal) {
          expect([killed, end, error]).toMatchObject([
            expect.stringMatching(/^(?:drain (?:down|after)|prune)/),
            'abort',
            {code: 'E_DEPLOY_ENDED'},
          ])
          await resumeDeploy(world.needs(), {...reference, directory: root})
        }
        const suffix = end === 'resume' || isFinal ? '.web.2' : ''
        expect([killed, world.running()]).toEqual([
          killed,
          [`h1: hello-r1${suffix}@h1`, `h2: hello-r1${suffix}@h2`],
        ])
        for (const routed of world.traffic.routed) expect([killed, routed]).toEqual([killed, 'h1:1 h2:1'])
      }
    }
  })
})

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}
