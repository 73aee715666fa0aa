import {beforeEach, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {Secret} from '../../../src/domain/secret.js'
import {SupervisedHost} from '../../../src/lifecycle/deploy/supervised-host.js'
import {DeployWorld} from '../../fakes/deploy-world.js'
import {aStatus} from '../../fakes/records.js'

const fence = {environment: 'local', service: 'hello', number: 1}
const id = 'hello-r1@localhost'
let world: DeployWorld
let seen: unknown[]

beforeEach(async () => {
  world = await new DeployWorld().open()
  seen = []
})

function host(): SupervisedHost {
  const {artifacts, catalog, clock} = world.needs()
  return new SupervisedHost(
    {
      ...{artifacts, catalog, clock, processes: world.agent},
      commands: {
        run: async (_command, {directory, variables}) => {
          seen.push({directory, variables})
          return {outcome: 'succeeded', exitCode: 0, lastLines: []}
        },
      },
    },
    'local',
    'localhost',
  )
}

const plantStatus = () =>
  world.catalog.commit('test', [], [world.catalog.statuses.put(keys.status('local', id), aStatus({id}))])

test('tells what the supervisor told the catalog', async () => {
  await plantStatus()

  const statuses = await host().statuses([id, 'hello-r2@localhost'])

  expect([...statuses.keys()]).toEqual([id])
})

test('runs a one-off process in the directory of the release, with its variables and opened secrets', async () => {
  await host().runOnce({
    instance: {
      ...{id, service: 'hello', release: 1, process: 'release', environment: 'local', line: 'migrate'},
      variables: {MODE: 'good'},
      secrets: async () => ({KEY: new Secret('s3cret')}),
      limits: {},
    },
    deadlineMillis: 1_000,
  })

  expect(seen).toEqual([{directory: '/releases/hello/r1', variables: {MODE: 'good', KEY: 's3cret'}}])
})

test('an instance that does not end is named', async () => {
  // Nobody removes this status: its process is still there.
  world.agent.isUp = false
  await plantStatus()

  await expect(host().stop({fence, ids: [id], graceMillis: 2_000})).rejects.toMatchObject({
    code: 'E_STEP_FAILED',
    why: `the process of ${id} does not end`,
  })
})

test('what nothing is left of has stopped', async () => {
  await host().stop({fence, ids: [id], graceMillis: 2_000})
})
