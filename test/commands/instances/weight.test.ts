import {afterEach, beforeEach, expect, test} from '@jest/globals'

import InstancesWeight from '../../../src/commands/instances/weight.js'
import {InstancesPlayground} from './playground.js'

let ground: InstancesPlayground

beforeEach(async () => {
  ground = await new InstancesPlayground().prepare()
})

afterEach(() => ground.clear())

test('changes the weight', async () => {
  expect((await ground.run(InstancesWeight, [ground.id, '10', '--dry-run'])).stdout).toContain(
    'Nothing was changed.',
  )
  expect(await ground.instance()).toMatchObject({weight: 100})

  const {error, stdout} = await ground.run(InstancesWeight, [ground.id, '10'])

  expect(error).toBeUndefined()
  expect(stdout).toBe('✓ hello-r1@localhost has the weight 10\n')
  expect(await ground.instance()).toMatchObject({state: 'up', weight: 10})
})

test('of 0 for the last one must be confirmed', async () => {
  expect((await ground.run(InstancesWeight, [ground.id, '0'])).error).toMatchObject({code: 'E_NOT_CONFIRMED'})
  await ground.run(InstancesWeight, [ground.id, '0', '--yes'])
  expect(await ground.instance()).toMatchObject({weight: 0})
})

test.each(['-1', '257', '1.5', 'ten', '', '10 backup'])('of %j is refused', async (weight) => {
  const {error} = await ground.run(InstancesWeight, [ground.id, '--', weight])

  expect(error).toMatchObject({code: 'E_USAGE'})
  expect(await ground.instance()).toMatchObject({weight: 100})
})
