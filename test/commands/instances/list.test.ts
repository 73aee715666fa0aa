import {afterEach, beforeEach, expect, test} from '@jest/globals'

import InstancesDisable from '../../../src/commands/instances/disable.js'
import InstancesList from '../../../src/commands/instances/list.js'
import {InstancesPlayground} from './playground.js'

let ground: InstancesPlayground

beforeEach(async () => {
  ground = await new InstancesPlayground().prepare()
})

afterEach(() => ground.clear())

test('shows a table to people', async () => {
  const {error, stdout} = await ground.run(InstancesList, ['hello'])

  expect(error).toBeUndefined()
  expect(stdout).toBe(
    'INSTANCE            RELEASE  HOST       ADDRESS          WANTED  SEEN      WEIGHT  SINCE\n' +
      'hello-r1@localhost  r1       localhost  127.0.0.1:21001  up      not seen  100     -\n',
  )
})

test('says who took an instance out of the traffic', async () => {
  await ground.run(InstancesDisable, [ground.id, '--yes'])

  expect((await ground.run(InstancesList, [])).stdout).toMatch(
    /\n! hello-r1@localhost was disabled by \S+\n$/,
  )
})

test('prints an array with --json, and refuses what it does not know', async () => {
  const {stdout} = await ground.run(InstancesList, ['--json'])

  expect(JSON.parse(stdout)).toMatchObject([{id: ground.id, state: 'up', weight: 100, getsRequests: true}])
  expect((await ground.run(InstancesList, ['nobody'])).error).toMatchObject({code: 'E_SERVICE_UNKNOWN'})
})
