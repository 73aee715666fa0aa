import {readFileSync} from 'node:fs'
import path from 'node:path'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import ConsumersAdd from '../../../src/commands/consumers/add.js'
import {ConsumersPlayground} from './playground.js'

let ground: ConsumersPlayground

beforeEach(async () => {
  ground = await new ConsumersPlayground().prepare()
})

afterEach(() => ground.clear())

test('says where the token will be found, and never the token', async () => {
  const {error, stdout} = await ground.run(ConsumersAdd, ['billing', '--of', 'identity'])

  expect(error).toBeUndefined()
  expect(stdout).toBe(
    '✓ billing may call identity\nThe next deploy of billing gives it the token in YARD_TOKEN_IDENTITY.\n',
  )
  expect(readFileSync(path.join(ground.state, 'identity.txt'), 'utf8')).toContain('AGE-SECRET-KEY-')
  expect((await ground.run(ConsumersAdd, ['billing', '--of', 'identity'])).stdout).toContain('already')
  expect((await ground.run(ConsumersAdd, ['billing', '--of', 'identity', '--rotate'])).stdout).toContain(
    'new token',
  )
})

test('prints an object with --json', async () => {
  const {stdout} = await ground.run(ConsumersAdd, ['billing', '--of', 'identity', '--dry-run', '--json'])

  expect(JSON.parse(stdout)).toEqual({
    outcome: 'added',
    dryRun: true,
    consumer: 'billing',
    service: 'identity',
    variable: 'YARD_TOKEN_IDENTITY',
  })
})

test('refuses what is not registered, and a missing --of', async () => {
  expect((await ground.run(ConsumersAdd, ['billing', '--of', 'nobody'])).error).toMatchObject({
    code: 'E_SERVICE_UNKNOWN',
  })
  expect((await ground.run(ConsumersAdd, ['billing'])).error).toMatchObject({oclif: {exit: 2}})
})
