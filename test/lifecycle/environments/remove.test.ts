import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {removeEnvironment, type RemoveEnvironmentRequest} from '../../../src/lifecycle/environments/remove.js'
import {failureOf} from '../../fakes/failure-of.js'
import {anEnvironment} from '../../fakes/records.js'

describe('removing an environment', () => {
  let catalog: Catalog
  let asked: string[]
  let events: YardEvent[]

  beforeEach(async () => {
    catalog = new Catalog(new MemoryStore())
    asked = []
    events = []
    await catalog.commit(
      'seed',
      [],
      [catalog.environments.put(keys.environment('staging'), anEnvironment({declared: true}))],
    )
  })

  const remove = (changes: Partial<RemoveEnvironmentRequest> = {}) =>
    removeEnvironment(
      {
        catalog,
        report: (event) => void events.push(event),
        confirmProtected: async ({purpose}) => void asked.push(purpose),
      },
      {environment: 'staging', platform: undefined, dryRun: false, ...changes},
    )
  const stored = () => catalog.environments.get(keys.environment('staging'))

  test('that is empty removes it, and warns that an apply of its platform file brings it back', async () => {
    expect(await remove({dryRun: true})).toEqual({environment: 'staging', dryRun: true})
    expect(await stored()).toBeDefined()

    expect(await remove()).toEqual({environment: 'staging', dryRun: false})
    expect([await stored(), asked]).toEqual([undefined, ['remove staging']])
    expect(JSON.stringify(events)).toContain('brings it back')
  })

  test.each([
    ['a host', keys.host('staging', 'web-1'), '1 host (web-1)'],
    ['an instance', keys.instance('staging', 'hello', 'hello-r1@x'), '1 instance (hello-r1@x)'],
    ['a variable', keys.configValue('staging', 'hello', 'A'), '1 configured variable'],
  ])('with %s is refused, whatever its record holds', async (_what, key, there) => {
    await catalog.store.transact([], [{put: key, value: 'evil'}])

    expect(await failureOf(remove())).toMatchObject({
      code: 'E_ENVIRONMENT_IN_USE',
      exitCode: 3,
      why: `it still has ${there}`,
    })
    expect(await stored()).toBeDefined()
  })

  test('that is unknown, local or declared in the platform file is refused', async () => {
    const declared = {
      name: 'staging',
      order: 1,
      protected: false,
      personal: false,
      routing: {header: 'Yard-Service', port: 7070},
      hosts: [],
    }
    const platform = {file: '/srv/yard.yaml', environments: [declared]}

    expect((await failureOf(remove({environment: 'production'}))).code).toBe('E_ENVIRONMENT_UNKNOWN')
    expect((await failureOf(remove({environment: 'local'}))).code).toBe('E_USAGE')
    expect(await failureOf(remove({platform}))).toMatchObject({
      code: 'E_USAGE',
      why: expect.stringContaining('/srv/yard.yaml declares it'),
    })
  })
})
