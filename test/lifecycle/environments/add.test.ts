import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {addEnvironment, type AddEnvironmentRequest} from '../../../src/lifecycle/environments/add.js'
import {failureOf} from '../../fakes/failure-of.js'
import {hostileNames} from '../../fakes/hostile-names.js'
import {anEnvironment} from '../../fakes/records.js'

const request: AddEnvironmentRequest = {
  environment: 'staging',
  order: undefined,
  protected: undefined,
  personal: undefined,
  header: undefined,
  port: undefined,
  dryRun: false,
}

describe('adding an environment', () => {
  let catalog: Catalog
  let asked: string[]

  beforeEach(() => {
    catalog = new Catalog(new MemoryStore())
    asked = []
  })

  const add = (changes: Partial<AddEnvironmentRequest> = {}) => {
    const confirmProtected = async ({purpose}: {purpose: string}) => void asked.push(purpose)
    return addEnvironment({catalog, confirmProtected}, {...request, ...changes})
  }
  const stored = async () => (await catalog.environments.get(keys.environment('staging')))?.record

  test('puts it into the catalog; again is unchanged; with other values an update that keeps the rest', async () => {
    expect(await add({order: 3, protected: true})).toMatchObject({outcome: 'added'})
    expect(await stored()).toEqual(anEnvironment({order: 3, protected: true}))

    expect(await add()).toMatchObject({outcome: 'unchanged', changes: []})
    expect(asked).toEqual([])

    expect(await add({protected: false, header: 'X-Service', port: 80})).toMatchObject({
      outcome: 'changed',
      changes: [
        {field: 'protected', before: 'yes'},
        {field: 'routing.header', before: 'Yard-Service', after: 'X-Service'},
        {field: 'routing.port', before: '7070', after: '80'},
      ],
    })
    expect(asked).toEqual(['change staging'])
    expect(await stored()).toMatchObject({order: 3, router: {header: 'X-Service', port: 80}})
  })

  test('as a dry run writes nothing', async () => {
    expect(await add({dryRun: true})).toMatchObject({outcome: 'added', dryRun: true})
    expect(await stored()).toBeUndefined()
  })

  test.each(hostileNames)('refuses the name %j', async (environment) => {
    expect((await failureOf(add({environment}))).code).toBe('E_NAME_INVALID')
  })

  test.each([
    [{header: 'Yard-Service: x\r\nevil'}, 'is not the name of a header'],
    [{port: 0}, '0 is not a port number'],
    [{port: 65_536}, '65536 is not a port number'],
  ])('refuses %j', async (changes, why) => {
    expect(await failureOf(add(changes))).toMatchObject({code: 'E_USAGE', why: expect.stringContaining(why)})
    expect(await stored()).toBeUndefined()
  })

  test('refuses local, which is this machine', async () => {
    expect((await failureOf(add({environment: 'local'}))).code).toBe('E_USAGE')
  })
})
