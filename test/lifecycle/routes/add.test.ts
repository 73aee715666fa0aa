import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {addRoute, type AddRouteRequest} from '../../../src/lifecycle/routes/add.js'
import {removeService} from '../../../src/lifecycle/services/remove.js'
import {ManualClock} from '../../fakes/clock.js'
import {failureOf} from '../../fakes/failure-of.js'
import {aHost, anEnvironment, aPublicRoute, aService} from '../../fakes/records.js'

const edge = {httpPort: 80, redirect: false, maxBodyBytes: 1_024}
const request: AddRouteRequest = {
  environment: 'staging',
  service: 'hello',
  publicName: 'hello.example.org',
  path: undefined,
  declaredEnvironments: [],
  dryRun: false,
}

describe('adding a public name', () => {
  let catalog: Catalog
  let asked: string[]
  let events: YardEvent[]
  let meanwhile: () => Promise<void>

  beforeEach(async () => {
    catalog = new Catalog(new MemoryStore())
    asked = []
    events = []
    meanwhile = async () => undefined
    await catalog.commit(
      'seed',
      [],
      [
        catalog.environments.put(keys.environment('staging'), anEnvironment({edge})),
        catalog.hosts.put(keys.host('staging', 'web-1'), aHost({edge: true})),
        catalog.services.put(keys.service('hello'), aService()),
        catalog.services.put(keys.service('billing'), aService({name: 'billing'})),
      ],
    )
  })

  const add = (changes: Partial<AddRouteRequest> = {}) =>
    addRoute(
      {
        catalog,
        clock: new ManualClock(),
        actor: 'ada@laptop',
        report: (event) => void events.push(event),
        confirmProtected: async ({purpose}) => {
          asked.push(purpose)
          await meanwhile()
        },
      },
      {...request, ...changes},
    )
  const stored = async () =>
    (await catalog.publicRoutes.list(keys.publicRoutes('staging'))).records.map(({record}) => record)

  test('keeps it where hosts look; again is unchanged', async () => {
    expect(await add()).toEqual({
      environment: 'staging',
      outcome: 'added',
      dryRun: false,
      name: 'hello.example.org',
      service: 'hello',
    })
    expect(await stored()).toEqual([aPublicRoute({addedAt: new ManualClock().now().toISOString()})])

    expect(await add({publicName: 'HELLO.example.org.'})).toMatchObject({outcome: 'unchanged'})
    expect([asked, events]).toEqual([['add hello.example.org to staging'], []])
  })

  test('takes a path in the name or by itself, and not both', async () => {
    expect((await add({publicName: 'example.org/hello/'})).name).toBe('example.org/hello')
    expect((await add({publicName: 'example.org', path: '/api'})).name).toBe('example.org/api')
    expect((await add({publicName: 'example.org', path: 'v2'})).name).toBe('example.org/v2')
    expect((await add({publicName: 'example.org', path: '/'})).name).toBe('example.org')
    expect(await failureOf(add({publicName: 'example.org/a', path: '/b'}))).toMatchObject({
      code: 'E_USAGE',
      next: ['yard routes add hello --public example.org/a --env staging'],
    })
  })

  test('that leads to another service is refused, also with --dry-run; another path of it is not', async () => {
    await add({service: 'billing'})

    for (const dryRun of [false, true]) {
      expect(await failureOf(add({dryRun}))).toMatchObject({
        code: 'E_ROUTE_TAKEN',
        exitCode: 3,
        why: 'it leads to billing already',
        next: ['yard routes remove hello.example.org --env staging', 'yard routes list --env staging'],
      })
    }
    expect(await add({path: '/hello'})).toMatchObject({outcome: 'added'})
  })

  test.each([
    ['https://hello.example.org/', 'yard routes add hello --public hello.example.org --env staging'],
    ['*.example.org', 'yard routes add hello --public billing.example.org/api --env staging'],
    ['10.0.0.1', 'yard routes add hello --public billing.example.org/api --env staging'],
    ['a\n  bind *:80', 'yard routes add hello --public billing.example.org/api --env staging'],
  ])('%j is refused with what to write instead, and writes nothing', async (publicName, instead) => {
    const revision = (await catalog.store.range('/')).revision

    expect(await failureOf(add({publicName}))).toMatchObject({code: 'E_USAGE', exitCode: 2, next: [instead]})
    expect((await catalog.store.range('/')).revision).toBe(revision)
  })

  test('a dry run neither asks nor writes', async () => {
    expect(await add({dryRun: true})).toMatchObject({outcome: 'added', dryRun: true})
    expect([await stored(), asked]).toEqual([[], []])
  })

  test('of a service or an environment that is unknown is refused, as is one of this machine', async () => {
    expect((await failureOf(add({service: 'helo'}))).code).toBe('E_SERVICE_UNKNOWN')
    expect((await failureOf(add({environment: 'stagin'}))).code).toBe('E_ENVIRONMENT_UNKNOWN')
    expect(await failureOf(add({environment: 'local'}))).toMatchObject({
      code: 'E_USAGE',
      why: 'local is this machine, and faces nobody outside',
    })
  })

  test('warns while nothing is served outside', async () => {
    await catalog.commit('', [], [catalog.hosts.put(keys.host('staging', 'web-1'), aHost())])
    await add()
    await catalog.commit('', [], [catalog.environments.put(keys.environment('staging'), anEnvironment())])
    await add({path: '/x'})

    expect(events.map((event) => ('text' in event ? event.text : ''))).toEqual([
      expect.stringContaining('no host of staging faces the outside yet'),
      expect.stringContaining('staging has no edge yet'),
    ])
  })

  test('replaces a record that can not be read', async () => {
    const key = keys.publicRoute('staging', 'hello.example.org', '/')
    await catalog.store.transact([], [{put: key, value: '{"v":9}'}])

    expect(await add()).toMatchObject({outcome: 'added'})
    expect(await stored()).toHaveLength(1)
  })

  test('what somebody else adds meanwhile is not overwritten', async () => {
    meanwhile = async () => {
      meanwhile = async () => undefined
      await add({service: 'billing'})
    }

    expect((await failureOf(add())).code).toBe('E_ROUTE_TAKEN')
    expect((await stored()).map(({service}) => service)).toEqual(['billing'])
  })

  test('to a service that is removed meanwhile leaves no route behind', async () => {
    meanwhile = async () => {
      const confirm = async () => undefined
      await removeService({catalog, confirm, report: () => undefined}, {service: 'hello', dryRun: false})
    }
    expect((await failureOf(add())).code).toBe('E_SERVICE_UNKNOWN')
    expect(await stored()).toEqual([])
  })

  test('and removing its service at this moment: the removal notices', async () => {
    const confirm = async () => {
      await add()
    }
    const removal = removeService(
      {catalog, confirm, report: () => undefined},
      {service: 'hello', dryRun: false},
    )
    expect((await failureOf(removal)).code).toBe('E_CONFLICT')
    expect(await stored()).toHaveLength(1)
  })
})
