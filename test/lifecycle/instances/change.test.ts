import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type InstanceAction} from '../../../src/domain/instance-change.js'
import {type Instance} from '../../../src/domain/instance.js'
import {changeInstance} from '../../../src/lifecycle/instances/change.js'
import {failureOf} from '../../fakes/failure-of.js'
import {hostileNames} from '../../fakes/hostile-names.js'
import {aBinding, anInstance} from '../../fakes/records.js'

let catalog: Catalog
let questions: string[]
/** Happens while a person thinks about the question. */
let meanwhile: () => Promise<unknown>

beforeEach(() => {
  catalog = new Catalog(new MemoryStore())
  questions = []
  meanwhile = async () => undefined
})

const keyOf = ({id, service}: Instance) => keys.instance('local', service, id)

async function plant(...instances: Instance[]): Promise<void> {
  const binding = catalog.bindings.put(keys.binding('local', 'hello'), aBinding())
  await catalog.commit(
    'test',
    [],
    [binding, ...instances.map((each) => catalog.instances.put(keyOf(each), each))],
  )
}

function change(
  instance: string,
  action: InstanceAction,
  more: {environment?: string; dryRun?: boolean} = {},
) {
  const needs = {
    catalog,
    report: () => undefined,
    actor: 'ada@laptop',
    confirm: async ({consequence}: {consequence: string}) => {
      questions.push(consequence)
      await meanwhile()
    },
    confirmProtected: async ({environment}: {environment: string}) => void questions.push(environment),
  }
  return changeInstance(needs, {environment: 'local', instance, action, dryRun: false, ...more})
}

const stateOf = async (id: string) => {
  const {records} = await catalog.instances.list(keys.instances('local'))
  return records.find(({record}) => record.id === id)?.record
}

const first = anInstance()
const second = anInstance({host: 'web-2', address: '10.0.0.2'})

describe('an instance', () => {
  test('is disabled and enabled, and the record says by whom', async () => {
    await plant(first, second)

    expect(await change(first.id, {kind: 'disable'})).toMatchObject({outcome: 'changed', leavesNone: false})
    expect(await stateOf(first.id)).toEqual({...first, state: 'disabled', takenOutBy: 'ada@laptop'})
    expect(await change(first.id, {kind: 'disable'})).toMatchObject({outcome: 'unchanged'})
    await change(first.id, {kind: 'enable'})
    expect(await stateOf(first.id)).toEqual(first)
    expect(await stateOf(second.id)).toEqual(second)
    expect(questions).toEqual(['local', 'local'])
  })

  test('gets a weight', async () => {
    await plant(first, second)

    await change(first.id, {kind: 'weight', weight: 10})

    expect(await stateOf(first.id)).toEqual({...first, weight: 10})
  })

  test('that is the last one with traffic is taken out of it after a question only', async () => {
    await plant(first, {...second, state: 'disabled'})

    for (const action of [{kind: 'disable'}, {kind: 'drain'}, {kind: 'weight', weight: 0}] as const) {
      questions = []
      const report = await change(first.id, action)
      expect(report.leavesNone).toBe(true)
      expect(questions[1]).toContain('the last instance of hello')
      await plant(first)
    }
    questions = []
    await change(first.id, {kind: 'weight', weight: 1})
    expect(questions).toHaveLength(1)
  })

  test('is the last one when the other is on a drained host', async () => {
    await plant(first, second)
    const drain = {v: 1 as const, host: 'web-2', environment: 'local', since: first.createdAt, by: 'ada'}
    await catalog.commit('test', [], [catalog.hostDrains.put(keys.hostDrain('local', 'web-2'), drain)])

    expect(await change(first.id, {kind: 'disable'}, {dryRun: true})).toMatchObject({leavesNone: true})
    expect(await change(second.id, {kind: 'disable'}, {dryRun: true})).toMatchObject({leavesNone: false})
  })

  test('stays as it is when the question is refused, and with --dry-run', async () => {
    await plant(first)
    meanwhile = () => Promise.reject(new Error('no'))

    await expect(change(first.id, {kind: 'disable'})).rejects.toThrow('no')
    questions = []
    expect(await change(first.id, {kind: 'disable'}, {dryRun: true})).toMatchObject({leavesNone: true})
    expect(questions).toEqual([])
    expect(await stateOf(first.id)).toEqual(first)
  })

  test('that a deploy changed meanwhile is left to the deploy', async () => {
    await plant(first)
    const draining = {...first, state: 'draining' as const}
    meanwhile = () => catalog.commit('test', [], [catalog.instances.put(keyOf(first), draining)])

    expect((await failureOf(change(first.id, {kind: 'disable'}))).code).toBe('E_CONFLICT')
    expect(await stateOf(first.id)).toEqual(draining)
  })

  test.each([
    ['starting', 'a deploy is starting it'],
    ['draining', 'a deploy lets it finish'],
    ['down', 'a deploy has ended it'],
  ] as const)('that is %s by a deploy is refused', async (state, why) => {
    await plant({...first, state}, second)

    const error = await failureOf(change(first.id, {kind: 'enable'}))

    expect(error).toMatchObject({code: 'E_CONFLICT', why: expect.stringContaining(why)})
    expect(await stateOf(first.id)).toMatchObject({state})
  })

  test('that does not exist is unknown, and the nearest is named', async () => {
    await plant(first)

    const error = await failureOf(change('helo-r1@localhost', {kind: 'enable'}))

    expect(error).toMatchObject({
      code: 'E_INSTANCE_UNKNOWN',
      why: expect.stringContaining('hello-r1@localhost?'),
    })
  })

  test('whose record cannot be trusted is left alone', async () => {
    await catalog.store.transact([], [{put: keyOf(first), value: '{"v":1}'}])

    expect((await failureOf(change(first.id, {kind: 'enable'}))).code).toBe('E_CATALOG_CORRUPT')
  })

  test.each(hostileNames)('called %.40j is unknown', async (id) => {
    expect((await failureOf(change(id, {kind: 'enable'}))).code).toBe('E_INSTANCE_UNKNOWN')
  })
})
