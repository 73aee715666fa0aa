import {beforeEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {type Instance} from '../../../src/domain/instance.js'
import {deploy} from '../../../src/lifecycle/deploy.js'
import {changeInstance} from '../../../src/lifecycle/instances/change.js'
import {rollback} from '../../../src/lifecycle/rollback.js'
import {aConsumer} from '../../fakes/calls.js'
import {aSmokeReport, commitOf, DeployWorld, root, serviceText} from '../../fakes/deploy-world.js'
import {failureOf} from '../../fakes/failure-of.js'

const request = {environment: 'local', directory: root, allowDirty: false}
const first = 'hello-r1@localhost'
const second = 'hello-r2@localhost'
let world: DeployWorld

beforeEach(async () => {
  world = await new DeployWorld().open()
  await deploy(world.needs(), request)
  world.head = commitOf('second')
})

function change(instance: string, kind: 'enable' | 'disable' | 'drain') {
  const agreed = async () => undefined
  return changeInstance(
    {
      catalog: world.catalog,
      report: () => undefined,
      actor: 'ada@laptop',
      confirm: agreed,
      confirmProtected: agreed,
    },
    {environment: 'local', instance, action: {kind}, dryRun: false},
  )
}

const states = async () => (await world.instances()).map(({id, state}) => `${id} ${state}`)

describe('a deploy of a service whose instance an operator took out of the traffic', () => {
  test.each(['disable', 'drain'] as const)('replaces and ends it (%s)', async (kind) => {
    await change(first, kind)

    await deploy(world.needs(), request)

    expect(await states()).toEqual([`${second} up`])
    expect([...world.agent.running.keys()]).toEqual([second])
    expect(await world.ports()).toEqual([second])
  })

  test.each([
    ['disable', 'disabled'],
    ['drain', 'draining'],
  ] as const)('that fails leaves it as the operator wanted it (%s)', async (kind, state) => {
    await change(first, kind)
    world.tree.set('service.yaml', serviceText.replace('[]', '[smoke/*.hurl]'))
    world.smokeReports = [aSmokeReport({outcome: 'failed', failures: 1})]

    expect(await failureOf(deploy(world.needs(), request))).toMatchObject({details: {step: 'smoke', live: 1}})

    expect(await world.instances()).toMatchObject([{id: first, state, takenOutBy: 'ada@laptop'}])
    expect([...world.agent.running.keys()]).toEqual([first])
    await change(first, 'enable')
    expect(await states()).toEqual([`${first} up`])
  })

  test('gives one that was drained by hand an end to its patience', async () => {
    await change(first, 'drain')
    const written: Instance[] = []
    const transact = world.catalog.store.transact.bind(world.catalog.store)
    world.catalog.store.transact = (compares, writes) => {
      written.push(
        ...writes.flatMap((write) =>
          'value' in write && isOld(write.value) ? [JSON.parse(write.value) as Instance] : [],
        ),
      )
      return transact(compares, writes)
    }

    await deploy(world.needs(), request)

    expect(written).toMatchObject([{state: 'draining', drainUntil: expect.any(String)}, {state: 'down'}])
  })

  test('can be rolled back', async () => {
    await deploy(world.needs(), request)
    await change(second, 'disable')

    await rollback(world.needs(), {environment: 'local', service: 'hello'})

    expect(await states()).toEqual([`${first} up`])
    expect(await world.binding()).toBe(1)
  })
})

test('an operator who changes the old instance while a deploy ends it is no conflict of the deploy', async () => {
  const needs = world.needs()
  let times = 0
  const transact = world.catalog.store.transact.bind(world.catalog.store)
  // Just before the deploy writes that the old instance drains, and that it is down, somebody else was there.
  world.catalog.store.transact = async (compares, writes) => {
    const isLeaving = writes.some((write) => 'value' in write && isOld(write.value))
    if (isLeaving && times < 3) {
      times++
      const stored = await world.catalog.instances.get(keys.instance('local', 'hello', first))
      const touched = {...stored!.record, weight: times}
      await transact([], [world.catalog.instances.put(keys.instance('local', 'hello', first), touched)])
    }
    return transact(compares, writes)
  }

  await deploy(needs, request)

  expect(times).toBe(3)
  expect(await states()).toEqual([`${second} up`])
})

test('a release carries the tokens of those that its service may call, sealed', async () => {
  const sealed = '-----BEGIN AGE ENCRYPTED FILE-----\nb3duCg==\n-----END AGE ENCRYPTED FILE-----\n'
  const pairs = [
    aConsumer({consumer: 'hello', service: 'order-history', token: sealed}),
    aConsumer({consumer: 'other', service: 'hello'}),
  ]
  const writes = pairs.map((pair) =>
    world.catalog.consumers.put(keys.consumer(pair.service, pair.consumer), pair),
  )
  const bad = {...aConsumer({consumer: 'hello', service: 'evil'}), token: 'plain text'}
  const planted = {put: keys.consumer('evil', 'hello'), value: JSON.stringify(bad)}
  await world.catalog.commit('test', [], [...writes, planted])

  await deploy(world.needs(), request)

  const release = await world.catalog.releases.get(keys.release('hello', 2))
  expect(release?.record.secrets).toEqual({YARD_TOKEN_ORDER_HISTORY: {kind: 'sealed', sealed}})
  expect(JSON.stringify(world.events)).toContain('consumers/evil/hello')
})

function isOld(value: string): boolean {
  const record = JSON.parse(value) as Partial<Instance>
  return record.id === first && (record.state === 'draining' || record.state === 'down')
}
