import {beforeEach, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {deploy} from '../../../src/lifecycle/deploy.js'
import {DeployWorld, root} from '../../fakes/deploy-world.js'
import {failureOf} from '../../fakes/failure-of.js'

const request = {environment: 'local', directory: root, allowDirty: false}
const hostKey = keys.host('local', 'localhost')
let world: DeployWorld

beforeEach(async () => {
  world = await new DeployWorld().open()
})

/** Does something to the catalog after the port is reserved and before the instance is recorded. */
const needsWith = (meanwhile: () => Promise<unknown>) =>
  world.needs({
    failpoint: async (...place) => {
      if (place.join(' ') === 'start reserved') await meanwhile()
    },
  })

const revisionOfHost = async () => (await world.catalog.store.get(hostKey))?.modRevision ?? 0

test('a new instance writes the record of its host, so that removing the host at that moment fails', async () => {
  const before = await revisionOfHost()

  await deploy(world.needs(), request)

  expect(await revisionOfHost()).toBeGreaterThan(before)
})

test('a host that was removed gets no instance, and its port is given back', async () => {
  const needs = needsWith(() => world.catalog.store.transact([], [{delete: hostKey}]))

  expect(await failureOf(deploy(needs, request))).toMatchObject({
    code: 'E_DEPLOY_FAILED',
    why: expect.stringContaining('the host localhost was removed from local'),
  })
  expect(await world.instances()).toEqual([])
  expect(await world.ports()).toEqual([])
})

test('another deploy that starts something on the host at that moment is no reason to fail', async () => {
  const {store} = world.catalog
  const transact = store.transact.bind(store)
  let others = 0
  store.transact = async (compares, writes) => {
    const isRegistration = writes.some((write) => 'put' in write && write.put === hostKey)
    if (isRegistration && others++ < 3) {
      const host = await store.get(hostKey)
      await transact([], [{put: hostKey, value: host?.value ?? ''}])
    }
    return transact(compares, writes)
  }

  await deploy(world.needs(), request)

  expect(others).toBe(4)
  expect(await world.instances()).toMatchObject([{id: 'hello-r1@localhost', state: 'up'}])
})
