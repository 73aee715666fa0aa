import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {removeRoute, type RemoveRouteRequest} from '../../../src/lifecycle/routes/remove.js'
import {ManualClock} from '../../fakes/clock.js'
import {failureOf} from '../../fakes/failure-of.js'
import {anEnvironment, aPublicRoute} from '../../fakes/records.js'

describe('removing a public name', () => {
  let catalog: Catalog
  let asked: string[]
  const key = keys.publicRoute('staging', 'hello.example.org', '/api')

  beforeEach(async () => {
    catalog = new Catalog(new MemoryStore())
    asked = []
    await catalog.commit(
      'seed',
      [],
      [
        catalog.environments.put(keys.environment('staging'), anEnvironment()),
        catalog.publicRoutes.put(key, aPublicRoute({path: '/api'})),
      ],
    )
  })

  const remove = (changes: Partial<RemoveRouteRequest> = {}) =>
    removeRoute(
      {
        catalog,
        clock: new ManualClock(),
        actor: 'ada@laptop',
        report: () => undefined,
        confirmProtected: async ({purpose}) => void asked.push(purpose),
      },
      {
        environment: 'staging',
        publicName: 'hello.example.org/api',
        declaredEnvironments: [],
        dryRun: false,
        ...changes,
      },
    )

  test('is done once; a dry run does nothing', async () => {
    const report = {environment: 'staging', name: 'hello.example.org/api', service: 'hello'}
    expect(await remove({dryRun: true})).toEqual({...report, outcome: 'removed', dryRun: true})
    expect([await catalog.store.get(key), asked]).toEqual([expect.anything(), []])

    expect(await remove({publicName: 'Hello.example.org/api/'})).toEqual({
      ...report,
      outcome: 'removed',
      dryRun: false,
    })
    expect(await catalog.store.get(key)).toBeUndefined()
    expect(asked).toEqual(['remove hello.example.org/api from staging'])
    expect(await failureOf(remove())).toMatchObject({
      code: 'E_ROUTE_UNKNOWN',
      exitCode: 2,
      why: 'the environment has no public name yet',
    })
  })

  test('that is not there names the nearest, and leaves other paths alone', async () => {
    expect(await failureOf(remove({publicName: 'hello.example.org/apu'}))).toMatchObject({
      code: 'E_ROUTE_UNKNOWN',
      why: 'no such route is there; did you mean hello.example.org/api?',
    })
    expect((await failureOf(remove({publicName: 'hello.example.org'}))).code).toBe('E_ROUTE_UNKNOWN')
    expect(await catalog.store.get(key)).toBeDefined()
  })

  test('is possible of a record that can not be read', async () => {
    await catalog.store.transact([], [{put: key, value: '{'}])

    expect(await remove()).toEqual({
      environment: 'staging',
      outcome: 'removed',
      dryRun: false,
      name: 'hello.example.org/api',
    })
    expect(await catalog.store.get(key)).toBeUndefined()
  })

  test('that is no name is refused', async () => {
    expect(await failureOf(remove({publicName: 'https://hello.example.org/api'}))).toMatchObject({
      code: 'E_USAGE',
      next: ['yard routes remove hello.example.org/api --env staging'],
    })
  })
})
