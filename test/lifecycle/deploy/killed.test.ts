import {beforeEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {deploy, type DeployNeeds} from '../../../src/lifecycle/deploy.js'
import {rollback} from '../../../src/lifecycle/rollback.js'
import {commitOf, DeployWorld, localSteps, root} from '../../fakes/deploy-world.js'

const request = {environment: 'local', directory: root, allowDirty: false}
let world: DeployWorld

beforeEach(async () => {
  world = await new DeployWorld().open()
})

/** Every place between two writes of a deploy, as one that works passes them. */
const places: [step: string, moment: string][] = [
  ['recover', 'locked'],
  ...localSteps.flatMap((step): [string, string][] => [
    [step, 'before'],
    [step, 'after'],
  ]),
  ['recover', 'marked'],
  ['build', 'exported'],
  ['build', 'recorded'],
  ['build', 'built'],
  ['build', 'packed'],
  ['release', 'recorded'],
  ['start', 'reserved'],
  ['start', 'recorded'],
  ['move', 'written'],
  ['drain', 'draining'],
  ['drain', 'down'],
  ['prune', 'releases'],
]

describe('a deploy that was killed is mended by the next one', () => {
  test('the list of places is complete', async () => {
    const passed = new Set<string>()
    await deploy(world.needs(), request)
    world.head = commitOf('second')
    await deploy(world.needs({failpoint: async (...place) => void passed.add(place.join(' '))}), request)

    expect([...passed].sort()).toEqual(places.map((place) => place.join(' ')).sort())
  })

  test.each(places)('in the step %s, %s', async (step, moment) => {
    await deploy(world.needs(), request)
    world.head = commitOf('second')
    await kill(step, moment, (needs) => deploy(needs, request))
    world.head = commitOf('third')

    const report = await deploy(world.needs(), request)

    await expectOneServing(report.release)
    const deploys = await world.deploys()
    expect(deploys.filter(({outcome}) => outcome === 'running')).toEqual([])
    expect(deploys.map(({outcome}) => outcome)).toEqual(
      step === 'recover' && moment === 'locked' && deploys.length === 2
        ? ['live', 'live']
        : ['live', expect.stringMatching(/^(?:interrupted|live)$/), 'live'],
    )
  })

  test.each(places)('as the very first one, in the step %s, %s', async (step, moment) => {
    if (step === 'drain' && moment !== 'before' && moment !== 'after') return
    await kill(step, moment, (needs) => deploy(needs, request))

    const report = await deploy(world.needs(), request)

    await expectOneServing(report.release)
  })

  test('twice, each time at another place', async () => {
    await deploy(world.needs(), request)
    for (const [first, second] of [
      ['move', 'recover'],
      ['start', 'recover'],
      ['drain', 'recover'],
    ] as const) {
      world.head = commitOf(first)
      await kill(first, 'after', (needs) => deploy(needs, request))
      await kill(second, 'after', (needs) => deploy(needs, request))
    }

    await expectOneServing((await deploy(world.needs(), request)).release)
  })

  test('while it was putting things back', async () => {
    await deploy(world.needs(), request)
    world.head = commitOf('second')
    world.agent.behaviours.set(1, {drainsAfterMillis: 2_000})
    world.agent.behaviours.set(2, {endsAfterMillis: 3_600})
    await kill('recover', 'draining', (needs) => deploy(needs, request))
    expect(await world.binding()).toBe(1)

    await expectOneServing((await deploy(world.needs(), request)).release)
  })
})

test('a killed rollback is mended as well', async () => {
  for (const step of ['unpack', 'start', 'health', 'move', 'smoke', 'drain', 'prune']) {
    for (const commit of ['one', 'two']) {
      world.head = commitOf(step + commit)
      await deploy(world.needs(), request)
    }
    await kill(step, 'after', (needs) => rollback(needs, {service: 'hello', environment: 'local'}))
    const report = await deploy(world.needs(), request)
    await expectOneServing(report.release)
  }
})

test('a deploy that slept past its lock changes nothing any more', async () => {
  await deploy(world.needs(), request)
  world.head = commitOf('second')
  let wake: () => void = () => undefined
  const asleep = new Promise<void>((resolve) => (wake = resolve))
  let isAsleep: () => void = () => undefined
  const fellAsleep = new Promise<void>((resolve) => (isAsleep = resolve))
  const needs = world.needs({
    failpoint: async (step, moment) => {
      if (step !== 'move' || moment !== 'before') return
      isAsleep()
      await asleep
    },
  })
  const sleeper = deploy(needs, request).catch((error: unknown) => error)
  await fellAsleep
  world.dead.add(needs.identity.pid)
  world.head = commitOf('third')
  const report = await deploy(world.needs(), request)
  wake()

  expect(await sleeper).toBeInstanceOf(Error)
  await expectOneServing(report.release)
})

/** Lets a run stop for ever at one place, as kill -9 does: nothing is cleaned up. */
async function kill(
  step: string,
  moment: string,
  work: (needs: DeployNeeds) => Promise<unknown>,
): Promise<void> {
  const needs = await new Promise<DeployNeeds>((resolve, reject) => {
    const doomed: DeployNeeds = world.needs({
      failpoint: async (...place) => {
        if (place[0] !== step || place[1] !== moment) return
        resolve(doomed)
        await new Promise(() => undefined)
      },
    })
    work(doomed).then(() => reject(new Error(`never came to ${step} ${moment}`)), reject)
  })
  world.dead.add(needs.identity.pid)
}

async function expectOneServing(release: number): Promise<void> {
  const id = `hello-r${release}@localhost`
  expect(await world.binding()).toBe(release)
  expect(await world.instances()).toMatchObject([{id, state: 'up'}])
  expect([...world.agent.running.keys()]).toEqual([id])
  expect(await world.ports()).toEqual([id])
  expect(world.agent.routed.at(-1)).toBe(id)
  expect(world.agent.routed.slice(1)).not.toContain('nobody')
  expect(world.staged.size).toBe(0)
  expect(await world.catalog.store.range(keys.locks)).toMatchObject({entries: []})
}
