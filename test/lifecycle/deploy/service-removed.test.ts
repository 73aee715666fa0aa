import {beforeEach, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {deploy} from '../../../src/lifecycle/deploy.js'
import {removeService} from '../../../src/lifecycle/services/remove.js'
import {DeployWorld, root} from '../../fakes/deploy-world.js'
import {failureOf} from '../../fakes/failure-of.js'

const request = {environment: 'local', directory: root, allowDirty: false}
let world: DeployWorld

beforeEach(async () => {
  world = await new DeployWorld().open()
})

function remove(confirm: () => Promise<void> = async () => undefined) {
  const needs = {catalog: world.catalog, report: () => undefined, confirm}
  return removeService(needs, {service: 'hello', dryRun: false})
}

test('a service that is removed during its deploy gets no instance, and the port is given back', async () => {
  const failpoint = async (step: string, moment: string) => {
    if (step === 'start' && moment === 'reserved') await remove()
  }

  expect(await failureOf(deploy(world.needs({failpoint}), request))).toMatchObject({
    code: 'E_DEPLOY_FAILED',
    why: expect.stringContaining('the service hello was removed from the catalog'),
  })
  expect(await world.instances()).toEqual([])
  expect(await world.ports()).toEqual([])
})

test('a service that is deployed while its removal is confirmed stays', async () => {
  const removal = remove(async () => {
    await deploy(world.needs(), request)
  })

  expect(await failureOf(removal)).toMatchObject({code: 'E_CONFLICT'})
  expect(await world.catalog.services.get(keys.service('hello'))).toBeDefined()
  expect(await world.binding()).toBe(1)
})

test('a service that is registered again meanwhile is deployed all the same', async () => {
  const {store} = world.catalog
  const transact = store.transact.bind(store)
  let registrations = 0
  store.transact = async (compares, writes) => {
    const isInstance = writes.some((write) => 'put' in write && write.put.includes('/rt/inst/'))
    if (isInstance && registrations++ === 0) {
      const service = await store.get(keys.service('hello'))
      await transact([], [{put: keys.service('hello'), value: service?.value ?? ''}])
    }
    return transact(compares, writes)
  }

  await deploy(world.needs(), request)

  expect(await world.instances()).toMatchObject([{state: 'up'}])
})
