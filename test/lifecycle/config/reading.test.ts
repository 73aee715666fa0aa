import {beforeEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {diffConfig} from '../../../src/lifecycle/config/diff.js'
import {getConfig} from '../../../src/lifecycle/config/get.js'
import {listConfig} from '../../../src/lifecycle/config/list.js'
import {ConfigWorld} from '../../fakes/config.js'
import {failureOf} from '../../fakes/failure-of.js'
import {FakeSecretBox} from '../../fakes/secret-box.js'

let world: ConfigWorld
const box = new FakeSecretBox()

beforeEach(async () => {
  world = await new ConfigWorld().open()
  await world.plant(undefined, {LOG_LEVEL: 'info', REGION: 'eu'})
  await world.plant('hello', {LOG_LEVEL: 'debug', KEY: 'sealed:CANARY-7f3a', REF: 'secret://op/a/b/c'})
})

const target = {
  environment: 'local',
  service: 'hello',
  file: () => Promise.resolve({MODE: 'good', REGION: 'us'}),
}

describe('listing', () => {
  test('shows each variable once with where it comes from, and no secret', async () => {
    const lines = await listConfig(world, target)

    expect(lines.map(({hides, kind, name, source, value}) => [name, kind, value, source, ...hides])).toEqual([
      ['KEY', 'sealed', undefined, 'service'],
      ['LOG_LEVEL', 'plain', 'debug', 'service', 'shared'],
      ['MODE', 'plain', 'good', 'service.yaml'],
      ['REF', 'reference', undefined, 'service'],
      ['REGION', 'plain', 'us', 'service.yaml', 'shared'],
    ])
    expect(lines[0]).toEqual({
      name: 'KEY',
      kind: 'sealed',
      source: 'service',
      hides: [],
      setBy: 'ada@laptop',
      setAt: '2026-11-20T12:00:00.000Z',
    })
    expect(lines[3]).toMatchObject({reference: 'secret://op/a/b/c'})
  })

  test('goes on without records that can not be trusted, and names them', async () => {
    const planted = ['BAD', '../x', '__proto__', 'LONG'].map((name) => ({
      put: `${keys.config('local', 'hello')}${name}`,
      value: name === 'LONG' ? `"${'x'.repeat(1_000_000)}"` : '{"v":7}',
    }))
    await world.catalog.store.transact([], planted)

    expect((await listConfig(world, target)).map(({name}) => name)).toHaveLength(5)
    expect(world.events).toHaveLength(4)
  })

  test('what is shared is listed by itself', async () => {
    const lines = await listConfig(world, {
      environment: 'local',
      service: undefined,
      file: () => Promise.resolve({}),
    })

    expect(lines.map(({name}) => name)).toEqual(['LOG_LEVEL', 'REGION'])
  })
})

describe('getting', () => {
  const get = (name: string, reveal = false) =>
    getConfig({catalog: world.catalog, report: world.report, box: async () => box}, {...target, name, reveal})

  test('gives the value that wins', async () => {
    expect(await get('LOG_LEVEL')).toMatchObject({value: 'debug', source: 'service'})
    expect(await get('REGION')).toMatchObject({value: 'us', source: 'service.yaml'})
    expect(await get('REF')).toMatchObject({value: 'secret://op/a/b/c', kind: 'reference'})
  })

  test('of a secret refuses, without opening it', async () => {
    const error = await failureOf(get('KEY'))

    expect(error).toMatchObject({code: 'E_USAGE', what: "Can't show KEY"})
    expect(error.next).toEqual(['yard config get hello KEY --env local --reveal'])
    expect(box.opened).toBe(0)
  })

  test('of a secret opens it when that is asked for', async () => {
    expect((await get('KEY', true)).value).toBe('CANARY-7f3a')
  })

  test('of one that is not there names the nearest', async () => {
    expect((await failureOf(get('LOG_LEVL'))).why).toContain('did you mean LOG_LEVEL?')
  })
})

describe('comparing two environments', () => {
  const diff = () => diffConfig(world, {service: 'hello', from: 'local', to: 'staging'})

  test('shows what differs, what only one has, and of secrets only that they are there', async () => {
    await world.plant(undefined, {REGION: 'eu'}, 'staging')
    await world.plant('hello', {LOG_LEVEL: 'warn', KEY: 'sealed:other', EXTRA: 'x'}, 'staging')

    const report = await diff()

    expect(report.differences).toEqual([
      {name: 'EXTRA', to: {kind: 'plain', value: 'x'}},
      {name: 'LOG_LEVEL', from: {kind: 'plain', value: 'debug'}, to: {kind: 'plain', value: 'warn'}},
      {name: 'REF', from: {kind: 'reference', value: 'secret://op/a/b/c'}},
    ])
    expect(report.secrets).toEqual([
      {name: 'KEY', from: '2026-11-20T12:00:00.000Z', to: '2026-11-20T12:00:00.000Z'},
    ])
    expect(JSON.stringify(report)).not.toContain('BEGIN AGE')
  })

  test('a secret here and a plain value there is a difference that shows only the plain one', async () => {
    await world.plant('hello', {KEY: 'plain'}, 'staging')

    expect((await diff()).differences[0]).toEqual({
      name: 'KEY',
      from: {kind: 'sealed', setAt: '2026-11-20T12:00:00.000Z'},
      to: {kind: 'plain', value: 'plain'},
    })
  })

  test('refuses an environment that is not there', async () => {
    const failure = failureOf(diffConfig(world, {service: 'hello', from: 'local', to: 'nowhere'}))

    expect((await failure).code).toBe('E_ENVIRONMENT_UNKNOWN')
  })
})
