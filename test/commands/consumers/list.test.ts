import {afterEach, beforeEach, expect, test} from '@jest/globals'

import ConsumersAdd from '../../../src/commands/consumers/add.js'
import ConsumersList from '../../../src/commands/consumers/list.js'
import {ConsumersPlayground} from './playground.js'

let ground: ConsumersPlayground

beforeEach(async () => {
  ground = await new ConsumersPlayground().prepare()
})

afterEach(() => ground.clear())

test('shows a table to people, and an array with --json', async () => {
  expect((await ground.run(ConsumersList, [])).stdout).toContain('yard consumers add billing --of identity')
  await ground.run(ConsumersAdd, ['billing', '--of', 'identity'])

  const {stdout} = await ground.run(ConsumersList, ['--of', 'identity'])
  expect(stdout).toMatch(
    /^CONSUMER  MAY CALL  DECLARED  TOKEN     ADDED BY\nbilling   identity  no        just now  \S+\n$/,
  )
  const json = await ground.run(ConsumersList, ['--service', 'billing', '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject([
    {consumer: 'billing', service: 'identity', isDeclared: false},
  ])
  expect(json.stdout).not.toMatch(/AGE|oken/)
})

test('takes one side only', async () => {
  const {error} = await ground.run(ConsumersList, ['--of', 'identity', '--service', 'billing'])

  expect(error).toMatchObject({oclif: {exit: 2}})
})
