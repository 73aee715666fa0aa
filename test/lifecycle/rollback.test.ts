import {beforeEach, describe, expect, test} from '@jest/globals'

import {deploy} from '../../src/lifecycle/deploy.js'
import {rollback, rollbackPlan} from '../../src/lifecycle/rollback.js'
import {commitOf, DeployWorld, root} from '../fakes/deploy-world.js'

const request = {service: 'hello', environment: 'local'}
let world: DeployWorld

beforeEach(async () => {
  world = await new DeployWorld().open()
})

describe('rolling back', () => {
  test('returns to the last release that was fully live, by the same steps, without building or preparing', async () => {
    await deployNext(3)
    world.agent.behaviours.set(4, {endsAfterMillis: 0})
    await deployNext(1).catch(() => undefined)
    world.commandLines.length = 0

    const report = await rollback(world.needs(), request)

    expect(report).toMatchObject({kind: 'rollback', release: 2, before: 3})
    expect(world.commandLines).toEqual([])
    expect(world.agent.routed.slice(-2)).toEqual(['hello-r3@localhost', 'hello-r2@localhost'])
    expect(await world.instances()).toMatchObject([{id: 'hello-r2@localhost', state: 'up'}])
  })

  test('twice goes back two releases, and a deploy after it begins a new line', async () => {
    await deployNext(3)
    await rollback(world.needs(), request)
    expect((await rollback(world.needs(), request)).release).toBe(1)
    await deployNext(1)

    expect((await rollbackPlan(world.needs(), request)).release).toBe(1)
  })

  test('to a number goes there', async () => {
    await deployNext(3)

    expect((await rollback(world.needs(), {...request, to: 1})).release).toBe(1)
  })

  test.each([
    ['the active one', 3, /has the traffic already/],
    ['one that never was', 77, /no such release/],
    ['zero', 0, /no such release/],
  ])('to %s is refused before anything is written', async (_name, to, why) => {
    await deployNext(3)
    const before = await world.catalog.store.range('/')

    await expect(rollback(world.needs(), {...request, to})).rejects.toMatchObject({
      code: 'E_RELEASE_UNKNOWN',
      why: expect.stringMatching(why),
    })
    expect(await world.catalog.store.range('/')).toEqual(before)
  })

  test('from the first release is refused', async () => {
    await deployNext(1)

    await expect(rollback(world.needs(), request)).rejects.toMatchObject({
      code: 'E_RELEASE_UNKNOWN',
      exitCode: 2,
    })
  })

  test('that fails leaves the active release alone', async () => {
    await deployNext(2)
    world.agent.behaviours.set(1, {endsAfterMillis: 0})

    await expect(rollback(world.needs(), request)).rejects.toMatchObject({code: 'E_DEPLOY_FAILED'})
    expect(await world.instances()).toMatchObject([{id: 'hello-r2@localhost', state: 'up'}])
    expect(world.unpacked.has(1)).toBe(true)
  })
})

async function deployNext(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    world.head = commitOf(`${world.processes} ${index}`)
    await deploy(world.needs(), {environment: 'local', directory: root, allowDirty: false})
  }
}
