import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {closeService, openService} from '../../../src/lifecycle/maintenance/change.js'
import {listMaintenances} from '../../../src/lifecycle/maintenance/list.js'
import {removeService} from '../../../src/lifecycle/services/remove.js'
import {ManualClock} from '../../fakes/clock.js'
import {failureOf} from '../../fakes/failure-of.js'
import {anEnvironment, aService} from '../../fakes/records.js'

const since = new ManualClock().now().toISOString()
const request = {
  environment: 'staging',
  service: 'hello',
  message: 'back at nine',
  declaredEnvironments: [],
  dryRun: false,
}

describe('closing a service', () => {
  let catalog: Catalog
  let asked: string[]
  let meanwhile: () => Promise<void>
  const key = keys.maintenance('staging', 'hello')

  beforeEach(async () => {
    catalog = new Catalog(new MemoryStore())
    asked = []
    meanwhile = async () => undefined
    await catalog.commit(
      'seed',
      [],
      [
        catalog.environments.put(keys.environment('staging'), anEnvironment()),
        catalog.services.put(keys.service('hello'), aService()),
      ],
    )
  })

  const needs = (actor = 'ada@laptop') => ({
    catalog,
    clock: new ManualClock(),
    report: () => undefined,
    actor,
    confirmProtected: async ({purpose}: {purpose: string}) => {
      asked.push(purpose)
      await meanwhile()
    },
  })
  const closed = async () =>
    (await listMaintenances({catalog, report: () => undefined}, request)).closed.map(
      ({message, service}) => `${service}: ${message}`,
    )

  test('names the hosts that do not hear of it until somebody pushes', async () => {
    const named = {v: 1 as const, environment: 'staging', host: 'web-1'}
    const pushed = {...named, revision: 3, generation: 'a'.repeat(64), by: 'ada', at: since}
    const put = catalog.pushedRoutings.put(keys.pushedRouting('staging', 'web-1'), pushed)
    await catalog.commit('test', [], [put])

    expect(await closeService(needs(), request)).toMatchObject({outcome: 'closed', unheard: ['web-1']})
    expect(await openService(needs(), request)).toMatchObject({outcome: 'opened', unheard: ['web-1']})
  })

  test('keeps the message where hosts look; again is unchanged; another message replaces it', async () => {
    expect(await closeService(needs(), request)).toEqual({
      environment: 'staging',
      service: 'hello',
      outcome: 'closed',
      dryRun: false,
      maintenance: {message: 'back at nine', since, by: 'ada@laptop'},
    })
    expect(await closed()).toEqual(['hello: back at nine'])

    expect(await closeService(needs('bob@desk'), request)).toMatchObject({
      outcome: 'unchanged',
      maintenance: {by: 'ada@laptop'},
    })
    expect(await closeService(needs('bob@desk'), {...request, message: 'back at ten'})).toMatchObject({
      outcome: 'changed',
      maintenance: {message: 'back at ten', since, by: 'bob@desk'},
    })
    expect(asked).toEqual(['close hello in staging', 'close hello in staging'])
  })

  test('and opening it is done once', async () => {
    await closeService(needs(), request)

    expect(await openService(needs(), {...request, dryRun: true})).toMatchObject({outcome: 'opened'})
    expect(await closed()).toHaveLength(1)
    expect(await openService(needs(), request)).toMatchObject({outcome: 'opened', service: 'hello'})
    expect(await closed()).toEqual([])
    expect(await openService(needs(), request)).toMatchObject({outcome: 'unchanged'})
  })

  test('a dry run neither asks nor writes', async () => {
    expect(await closeService(needs(), {...request, dryRun: true})).toMatchObject({outcome: 'closed'})
    expect([await closed(), asked]).toEqual([[], []])
  })

  test.each([
    '',
    ' x',
    '<b>',
    'two\nlines',
    'a"b',
    "it's",
    '{{x}}',
    '%[hostname]',
    'é',
    'x'.repeat(201),
    'a\\n',
  ])('with the message %j is refused', async (message) => {
    expect(await failureOf(closeService(needs(), {...request, message}))).toMatchObject({
      code: 'E_USAGE',
      exitCode: 2,
    })
    expect(await closed()).toEqual([])
  })

  test('that is unknown, or in an environment that is, is refused', async () => {
    for (const change of [closeService, openService]) {
      expect((await failureOf(change(needs(), {...request, service: 'helo'}))).code).toBe('E_SERVICE_UNKNOWN')
      const elsewhere = {...request, environment: 'stagin'}
      expect((await failureOf(change(needs(), elsewhere))).code).toBe('E_ENVIRONMENT_UNKNOWN')
    }
  })

  test('a record that can not be read is replaced, or opened', async () => {
    await catalog.store.transact([], [{put: key, value: '{'}])
    expect(await closeService(needs(), request)).toMatchObject({outcome: 'closed'})

    await catalog.store.transact([], [{put: key, value: '{'}])
    expect(await openService(needs(), request)).toMatchObject({outcome: 'opened'})
    expect(await catalog.store.get(key)).toBeUndefined()
  })

  test('that is removed meanwhile leaves no closure behind', async () => {
    meanwhile = async () => {
      const confirm = async () => undefined
      await removeService({catalog, confirm, report: () => undefined}, {service: 'hello', dryRun: false})
    }
    expect((await failureOf(closeService(needs(), request))).code).toBe('E_SERVICE_UNKNOWN')
    expect(await catalog.store.get(key)).toBeUndefined()
  })

  test('goes with the service when that is removed', async () => {
    await closeService(needs(), request)
    const confirm = async () => undefined
    const removal = {service: 'hello', dryRun: false}
    expect(await removeService({catalog, confirm, report: () => undefined}, removal)).toMatchObject({
      removed: [key],
    })
    expect(await catalog.store.get(key)).toBeUndefined()
  })
})
