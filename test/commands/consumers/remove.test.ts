import {afterEach, beforeEach, expect, test} from '@jest/globals'

import ConsumersAdd from '../../../src/commands/consumers/add.js'
import ConsumersList from '../../../src/commands/consumers/list.js'
import ConsumersRemove from '../../../src/commands/consumers/remove.js'
import {ConsumersPlayground} from './playground.js'

let ground: ConsumersPlayground

beforeEach(async () => {
  ground = await new ConsumersPlayground().prepare()
})

afterEach(() => ground.clear())

test('removes a pair, once', async () => {
  await ground.run(ConsumersAdd, ['billing', '--of', 'identity'])
  const plan = await ground.run(ConsumersRemove, ['billing', '--of', 'identity', '--dry-run'])
  expect(plan.stdout).toBe('Would change: billing is no consumer of identity\nNothing was changed.\n')

  const {stdout} = await ground.run(ConsumersRemove, ['billing', '--of', 'identity'])

  expect(stdout).toContain('✓ billing is no consumer of identity any more')
  expect(JSON.parse((await ground.run(ConsumersList, ['--json'])).stdout)).toEqual([])
  expect((await ground.run(ConsumersRemove, ['billing', '--of', 'identity'])).error).toMatchObject({
    code: 'E_CONSUMER_UNKNOWN',
  })
})
