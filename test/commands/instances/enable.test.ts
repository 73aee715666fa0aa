import {afterEach, beforeEach, expect, test} from '@jest/globals'

import InstancesDisable from '../../../src/commands/instances/disable.js'
import InstancesEnable from '../../../src/commands/instances/enable.js'
import {InstancesPlayground} from './playground.js'

let ground: InstancesPlayground

beforeEach(async () => {
  ground = await new InstancesPlayground().prepare()
})

afterEach(() => ground.clear())

test('takes back what disable did', async () => {
  await ground.run(InstancesDisable, [ground.id, '--yes'])

  const {error, stdout} = await ground.run(InstancesEnable, [ground.id])

  expect(error).toBeUndefined()
  expect(stdout).toBe(
    '✓ hello-r1@localhost is enabled\nIt gets requests as soon as it passes a health check.\n',
  )
  expect(await ground.instance()).toMatchObject({state: 'up'})
})

test('prints an object with --json, and refuses what it does not know', async () => {
  const {stdout} = await ground.run(InstancesEnable, [ground.id, '--json'])

  expect(JSON.parse(stdout)).toMatchObject({outcome: 'unchanged', action: 'enable', after: {id: ground.id}})
  expect((await ground.run(InstancesEnable, ['hello-r7@localhost'])).error).toMatchObject({
    code: 'E_INSTANCE_UNKNOWN',
  })
})
