import {afterEach, beforeEach, expect, test} from '@jest/globals'

import InstancesDisable from '../../../src/commands/instances/disable.js'
import {InstancesPlayground} from './playground.js'

let ground: InstancesPlayground

beforeEach(async () => {
  ground = await new InstancesPlayground().prepare()
})

afterEach(() => ground.clear())

test('asks before the last one goes, and off a terminal does nothing then', async () => {
  const {error} = await ground.run(InstancesDisable, [ground.id])

  expect(error).toMatchObject({code: 'E_NOT_CONFIRMED', why: expect.stringContaining('callers get errors')})
  expect(await ground.instance()).toMatchObject({state: 'up'})
})

test('takes it out of the traffic with --yes, and says how it comes back', async () => {
  const plan = await ground.run(InstancesDisable, [ground.id, '--dry-run'])
  expect(plan.stdout).toContain('Would change: hello-r1@localhost is disabled')
  expect(await ground.instance()).toMatchObject({state: 'up'})

  const {error, stdout} = await ground.run(InstancesDisable, [ground.id, '--yes'])

  expect(error).toBeUndefined()
  expect(stdout).toContain(
    '✓ hello-r1@localhost is disabled\n! no instance of hello gets requests in local now\n',
  )
  expect(stdout).toContain('yard instances enable hello-r1@localhost --env local')
  expect(await ground.instance()).toMatchObject({state: 'disabled'})
  expect((await ground.run(InstancesDisable, [ground.id])).stdout).toContain('already, and nothing changed')
})
