import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {removeEnvironment} from '../../../src/lifecycle/environments/remove.js'
import {addHost, type AddHostRequest} from '../../../src/lifecycle/hosts/add.js'
import {failureOf} from '../../fakes/failure-of.js'
import {hostileNames} from '../../fakes/hostile-names.js'
import {aHost, anEnvironment} from '../../fakes/records.js'

const request: AddHostRequest = {
  environment: 'staging',
  host: 'web-1',
  address: '10.0.0.11',
  zone: undefined,
  description: undefined,
  edge: undefined,
  declaredEnvironments: [],
  dryRun: false,
}

describe('adding a host', () => {
  let catalog: Catalog
  let asked: string[]
  let events: YardEvent[]

  beforeEach(async () => {
    catalog = new Catalog(new MemoryStore())
    asked = []
    events = []
    await catalog.commit('seed', [], [catalog.environments.put(keys.environment('staging'), anEnvironment())])
  })

  const add = (changes: Partial<AddHostRequest> = {}) => {
    const confirmProtected = async ({purpose}: {purpose: string}) => void asked.push(purpose)
    const report = (event: YardEvent) => void events.push(event)
    return addHost({catalog, confirmProtected, report}, {...request, ...changes})
  }
  const stored = async () => (await catalog.hosts.get(keys.host('staging', 'web-1')))?.record

  test('puts it into the catalog; again is unchanged', async () => {
    expect(await add({zone: 'a', description: 'the first'})).toMatchObject({outcome: 'added'})
    expect(await stored()).toEqual(aHost({zone: 'a', description: 'the first'}))

    expect(await add({zone: 'a'})).toMatchObject({outcome: 'unchanged', changes: []})
    expect(asked).toEqual(['add web-1 to staging'])
  })

  test('with other values is an update that keeps the rest', async () => {
    await add({zone: 'a', description: 'the first'})

    expect(await add({address: '10.0.0.12'})).toMatchObject({
      outcome: 'changed',
      changes: [{field: 'address', before: '10.0.0.11', after: '10.0.0.12'}],
    })
    expect(await stored()).toEqual(aHost({address: '10.0.0.12', zone: 'a', description: 'the first'}))
  })

  test('that faces the outside warns while the environment has no edge, and stays so until told otherwise', async () => {
    await add({edge: true})
    expect(await stored()).toEqual(aHost({edge: true}))
    expect(events).toEqual([
      {kind: 'warning', text: expect.stringContaining('staging has no edge yet, so web-1 serves nobody')},
    ])

    await add({description: 'the door'})
    expect(await stored()).toEqual(aHost({edge: true, description: 'the door'}))
    expect(await add({edge: false})).toMatchObject({changes: [{field: 'edge', before: 'yes'}]})
    expect(await stored()).toEqual(aHost({description: 'the door'}))
  })

  test('keeps the pinned SSH keys, and that it was set up, as long as the address is the same', async () => {
    const learned = {sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFo='], user: 'yard'}
    await catalog.commit('pin', [], [catalog.hosts.put(keys.host('staging', 'web-1'), aHost(learned))])

    await add({zone: 'b'})
    expect(await stored()).toEqual(aHost({...learned, zone: 'b'}))

    const {changes} = await add({address: '10.0.0.12'})
    expect(changes).toContainEqual({field: 'sshKeys', before: '1 pinned'})
    expect(changes).toContainEqual({field: 'user', before: 'yard'})
    expect(await stored()).toEqual(aHost({address: '10.0.0.12', zone: 'b'}))
  })

  test('of one that yard.yaml declares warns that it is put back', async () => {
    await catalog.commit(
      'seed',
      [],
      [catalog.hosts.put(keys.host('staging', 'web-1'), aHost({declared: true}))],
    )

    expect(await add({address: '10.0.0.12'})).toMatchObject({outcome: 'changed', host: {declared: true}})
    expect(events).toMatchObject([
      {kind: 'warning', text: expect.stringContaining('yard.yaml declares web-1')},
    ])
  })

  test('as a dry run says what it would do, and asks nobody', async () => {
    expect(await add({dryRun: true})).toMatchObject({outcome: 'added', dryRun: true})
    expect([await stored(), asked]).toEqual([undefined, []])
  })

  test.each(hostileNames)('refuses the name %j for host, environment and zone', async (name) => {
    expect((await failureOf(add({host: name}))).code).toBe('E_NAME_INVALID')
    expect((await failureOf(add({environment: name}))).code).toBe('E_NAME_INVALID')
    expect((await failureOf(add({zone: name}))).code).toBe('E_USAGE')
    expect(await stored()).toBeUndefined()
  })

  test.each([
    '010.0.0.1',
    '10.0.0',
    '256.0.0.1',
    '0x7f.0.0.1',
    '2130706433',
    '127.1',
    '::1',
    '[::1]',
    'example.org',
    '10.0.0.1 ',
    '10.0.0.1\n  server evil 6.6.6.6:80',
    '10.0.0.1:80',
    '',
  ])('refuses the address %j', async (address) => {
    expect(await failureOf(add({address}))).toMatchObject({
      code: 'E_USAGE',
      exitCode: 2,
      why: expect.stringContaining('is not an IPv4 address'),
    })
  })

  test.each(['0.0.0.0', '224.0.0.1', '255.255.255.255'])(
    'refuses %s, where no machine is',
    async (address) => {
      expect(await failureOf(add({address}))).toMatchObject({
        code: 'E_USAGE',
        why: `${address} is not the address of one machine`,
      })
    },
  )

  test('an environment that is unknown comes with the way to make it', async () => {
    expect(await failureOf(add({environment: 'stagin'}))).toMatchObject({
      code: 'E_ENVIRONMENT_UNKNOWN',
      why: expect.stringContaining('did you mean staging?'),
      next: ['yard environments add stagin', 'yard environments list'],
    })
    const declared = await failureOf(add({environment: 'review', declaredEnvironments: ['review']}))
    expect(declared.next[0]).toMatch(/^yard catalog apply/)
  })

  test('the address of another host is taken, with a warning', async () => {
    await add()
    expect(events).toEqual([])

    expect(await add({host: 'web-2'})).toMatchObject({outcome: 'added'})
    expect(events).toEqual([{kind: 'warning', text: '10.0.0.11 is the address of web-1, too'}])
  })

  test('this machine has its own host', async () => {
    expect(await failureOf(add({environment: 'local'}))).toMatchObject({code: 'E_USAGE', exitCode: 2})
  })

  test('a record that can not be read is replaced', async () => {
    await catalog.store.transact([], [{put: keys.host('staging', 'web-1'), value: '{'}])

    expect(await add()).toMatchObject({outcome: 'added'})
    expect(await stored()).toEqual(aHost())
  })

  test('an environment that is removed at the same moment stays, or the host is refused', async () => {
    for (let round = 0; round < 20; round++) {
      await catalog.commit(
        'again',
        [],
        [
          catalog.environments.put(keys.environment('staging'), anEnvironment()),
          {delete: keys.host('staging', 'web-1')},
        ],
      )
      const needs = {catalog, report: () => undefined, confirmProtected: async () => undefined}
      await Promise.allSettled([
        add(),
        removeEnvironment(needs, {environment: 'staging', platform: undefined, dryRun: false}),
      ])
      const environment = await catalog.environments.get(keys.environment('staging'))
      expect((await stored()) === undefined || environment !== undefined).toBe(true)
    }
  })
})
