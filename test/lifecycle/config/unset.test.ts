import {beforeEach, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {unsetConfig} from '../../../src/lifecycle/config/unset.js'
import {ConfigWorld} from '../../fakes/config.js'
import {failureOf} from '../../fakes/failure-of.js'

let world: ConfigWorld

beforeEach(async () => {
  world = await new ConfigWorld().open()
  await world.plant('hello', {LOG_LEVEL: 'debug', REGION: 'eu'})
})

function unset(names: string[], dryRun = false, isShared = false) {
  const service = isShared ? undefined : 'hello'
  return unsetConfig(world, {environment: 'local', service, names, dryRun})
}

test('removes what is named and says which release goes on with it', async () => {
  expect(await unset(['REGION'])).toEqual({
    environment: 'local',
    service: 'hello',
    dryRun: false,
    names: ['REGION'],
    live: 5,
  })
  expect(Object.keys(await world.values('hello'))).toEqual(['LOG_LEVEL'])
})

test('a dry run removes nothing', async () => {
  await unset(['REGION'], true)

  expect(Object.keys(await world.values('hello'))).toEqual(['LOG_LEVEL', 'REGION'])
})

test('one that is not there keeps all, and the nearest is named', async () => {
  const error = await failureOf(unset(['REGION', 'LOGLEVEL']))

  expect(error).toMatchObject({
    code: 'E_CONFIG_UNKNOWN',
    why: expect.stringContaining('did you mean LOG_LEVEL?'),
  })
  expect(Object.keys(await world.values('hello'))).toEqual(['LOG_LEVEL', 'REGION'])
})

test('what a service has of its own is not among what is shared', async () => {
  expect((await failureOf(unset(['REGION'], false, true))).code).toBe('E_CONFIG_UNKNOWN')
})

test('removes a record that can not be trusted, because somebody asked for that', async () => {
  const key = keys.configValue('local', 'hello', 'BAD')
  await world.catalog.store.transact([], [{put: key, value: '{'}])
  await unset(['BAD'])

  expect(await world.catalog.store.get(key)).toBeUndefined()
})

test('none and too many are refused', async () => {
  expect((await failureOf(unset([]))).code).toBe('E_USAGE')
  expect((await failureOf(unset(Array.from({length: 101}, (_, number) => `V${number}`)))).code).toBe(
    'E_USAGE',
  )
})
