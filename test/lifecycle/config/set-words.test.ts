import {beforeEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {YardError} from '../../../src/errors.js'
import {setFromWords, type SetWordsRequest} from '../../../src/lifecycle/config/set-words.js'
import {allTextOf} from '../../fakes/all-text.js'
import {ConfigWorld} from '../../fakes/config.js'
import {failureOf} from '../../fakes/failure-of.js'
import {fakeSealed, FakeSecretBox} from '../../fakes/secret-box.js'

let world: ConfigWorld
let box: FakeSecretBox
let asked: string[]
let confirmed: number

beforeEach(async () => {
  world = await new ConfigWorld().open()
  box = new FakeSecretBox()
  asked = []
  confirmed = 0
})

function set(words: string[], changes: Partial<SetWordsRequest> = {}) {
  const needs = {
    catalog: world.catalog,
    clock: world.clock,
    actor: world.actor,
    box: async () => box,
    recipients: async () => ['age1team'],
    readSecret: async (name: string) => {
      asked.push(name)
      return 'CANARY-7f3a'
    },
    confirm: async () => {
      confirmed++
    },
  }
  const request = {words, isShared: false, isSecret: false, environment: 'local', dryRun: false, ...changes}
  return setFromWords(needs, request)
}

describe('setting', () => {
  test('several variables at once is one revision, with who and when', async () => {
    const before = (await world.catalog.store.range('/')).revision
    const report = await set(['hello', 'A=1', 'B='])

    expect(report).toMatchObject({service: 'hello', environment: 'local', live: 5})
    expect(report.variables.map(({name, outcome}) => [name, outcome])).toEqual([
      ['A', 'added'],
      ['B', 'added'],
    ])
    expect((await world.catalog.store.range('/')).revision).toBe(before + 1)
    expect((await world.catalog.config.get(keys.configValue('local', 'hello', 'A')))?.record).toMatchObject({
      content: {kind: 'plain', value: '1'},
      setBy: 'ada@laptop',
      setAt: '2026-11-20T12:00:00.000Z',
    })
  })

  test('the same again changes nothing', async () => {
    await set(['hello', 'A=1', 'R=secret://ssm/a'])
    const before = (await world.catalog.store.range('/')).revision

    const report = await set(['hello', 'A=1', 'R=secret://ssm/a'])

    expect(report.variables.map(({outcome}) => outcome)).toEqual(['unchanged', 'unchanged'])
    expect((await world.catalog.store.range('/')).revision).toBe(before)
  })

  test('for all services is apart from every service', async () => {
    await set(['A=shared'], {isShared: true})
    await set(['hello', 'A=own'])

    expect(await world.values(undefined)).toEqual({A: {kind: 'plain', value: 'shared'}})
    expect(await world.values('hello')).toEqual({A: {kind: 'plain', value: 'own'}})
    expect(await world.values('hello', 'staging')).toEqual({})
  })

  test('a dry run says the same and writes, asks and confirms nothing', async () => {
    await world.plant('hello', {A: '1'})
    const report = await set(['hello', 'A=2'], {dryRun: true})
    const secret = await set(['hello', 'KEY'], {dryRun: true, isSecret: true})

    expect(report).toMatchObject({dryRun: true, variables: [{name: 'A', outcome: 'changed'}]})
    expect(secret.variables).toEqual([{name: 'KEY', kind: 'sealed', outcome: 'added'}])
    expect(await world.values('hello')).toEqual({A: {kind: 'plain', value: '1'}})
    expect([asked, box.sealedTo, confirmed]).toEqual([[], [], 0])
  })

  test('250 variables takes three transactions and keeps them all', async () => {
    const words = Array.from({length: 250}, (_, number) => `V${number}=${number}`)
    const report = await set(['hello', ...words])

    expect(report.variables).toHaveLength(250)
    expect(Object.keys(await world.values('hello'))).toHaveLength(250)
  })

  test('at the same time as others loses nothing', async () => {
    const names = Array.from({length: 20}, (_, number) => number)
    await Promise.all(names.map((number) => set(['hello', `OWN_${number}=x`, `BOTH=${number}`])))

    expect(Object.keys(await world.values('hello'))).toHaveLength(21)
  })

  test('replaces a record that can not be trusted', async () => {
    const key = keys.configValue('local', 'hello', 'A')
    await world.catalog.store.transact([], [{put: key, value: '{"v":9}'}])

    expect((await set(['hello', 'A=1'])).variables).toEqual([{name: 'A', kind: 'plain', outcome: 'changed'}])
    expect(await world.values('hello')).toEqual({A: {kind: 'plain', value: '1'}})
  })
})

describe('a secret', () => {
  test('is sealed to the recipients, and is nowhere in clear', async () => {
    const report = await set(['hello', 'KEY'], {isSecret: true})

    expect(report.variables).toEqual([{name: 'KEY', kind: 'sealed', outcome: 'added'}])
    expect(box.sealedTo).toEqual([['age1team']])
    expect(await world.values('hello')).toEqual({KEY: {kind: 'sealed', sealed: fakeSealed('CANARY-7f3a')}})
    expect(JSON.stringify([report, await world.catalog.store.range('/')])).not.toContain('CANARY')
  })

  test('that is too large once it is sealed is refused', async () => {
    box.seal = async () => fakeSealed('x'.repeat(90_000))

    expect((await failureOf(set(['hello', 'KEY'], {isSecret: true}))).why).toContain('sealed to 1 recipients')
  })

  test('set again counts as changed, and taking the place of a plain value is told', async () => {
    await world.plant('hello', {KEY: 'plain'})

    expect((await set(['hello', 'KEY'], {isSecret: true})).variables[0]).toMatchObject({was: 'plain'})
    expect((await set(['hello', 'KEY'], {isSecret: true})).variables[0]).toEqual({
      name: 'KEY',
      kind: 'sealed',
      outcome: 'changed',
    })
  })

  test.each([[['hello', 'KEY=CANARY']], [['hello', 'A', 'B=CANARY']], [['hello', 'A', 'B']], [['hello']]])(
    'is not taken from the command line: %j',
    async (words) => {
      const error = await failureOf(set(words, {isSecret: true}))

      expect(error).toMatchObject({code: 'E_USAGE', what: "Can't take this secret"})
      expect(allTextOf(error)).not.toContain('CANARY')
      expect(asked).toEqual([])
    },
  )

  test('is not asked for when there is no such service or environment', async () => {
    await failureOf(set(['nobody', 'KEY'], {isSecret: true}))
    const error = await failureOf(set(['hello', 'KEY'], {isSecret: true, environment: 'nowhere'}))

    expect(error.code).toBe('E_ENVIRONMENT_UNKNOWN')
    expect([asked, confirmed]).toEqual([[], 0])
  })
})

test.each([
  [['sk_live_CANARY'], false],
  [['A=CANARY'], false],
  [['hello', 'CANARY'], false],
  [['hello', 'A=1', 'CANARY B'], false],
  [['hello', 'A=1'], true],
  [[], false],
])('%j is refused without being repeated, and writes nothing', async (words, isShared) => {
  const before = (await world.catalog.store.range('/')).revision
  const error = await failureOf(set(words, {isShared}))

  expect(error).toBeInstanceOf(YardError)
  expect(error.code).toBe('E_USAGE')
  expect(allTextOf(error)).not.toContain('CANARY')
  expect((await world.catalog.store.range('/')).revision).toBe(before)
})

test('a service that is removed meanwhile gets no config', async () => {
  const {store} = world.catalog
  const transact = store.transact.bind(store)
  let isFirst = true
  store.transact = async (compares, writes) => {
    if (isFirst) {
      isFirst = false
      await transact([], [{delete: keys.service('hello')}])
    }
    return transact(compares, writes)
  }

  expect((await failureOf(set(['hello', 'A=1']))).code).toBe('E_SERVICE_UNKNOWN')
  expect(await world.values('hello')).toEqual({})
})
