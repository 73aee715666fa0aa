import {beforeEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {sudoersFile} from '../../../src/domain/host-setup.js'
import {YardError} from '../../../src/errors.js'
import {type HostSetupNeeds, type HostSetupRequest} from '../../../src/lifecycle/host-setup/needs.js'
import {setUpHosts} from '../../../src/lifecycle/host-setup/set-up-hosts.js'
import {failureOf} from '../../fakes/failure-of.js'
import {aHost} from '../../fakes/records.js'
import {aBareMachine, aKey} from '../../fakes/setup-facts.js'
import {SetupWorld} from '../../fakes/setup-world.js'

const request: HostSetupRequest = {
  environment: 'staging',
  host: 'web-1',
  isForAll: false,
  login: undefined,
  mode: 'apply',
  acceptsNewKey: false,
  authorizedKeys: [],
  mayInstall: true,
}

describe('setting up hosts', () => {
  let world: SetupWorld

  beforeEach(async () => {
    world = new SetupWorld()
    await world.seed({name: 'web-1'})
  })

  const setUp = (changes: Partial<HostSetupRequest> = {}, needs: Partial<HostSetupNeeds> = {}) =>
    setUpHosts(world.needs(needs), {...request, ...changes})
  const refused = (code: 'E_HOST_AUTH' | 'E_HOST_KEY') => () =>
    new YardError(code, {what: 'no', why: 'so it is', next: ['look'], details: {user: 'yard'}})

  test('a bare host gets everything, is tried as who brings releases, and is written down with its keys', async () => {
    const {hosts, ...report} = await setUp()

    expect(report).toEqual({environment: 'staging', mode: 'apply'})
    expect(hosts).toHaveLength(1)
    expect(hosts[0]).toMatchObject({
      host: 'web-1',
      login: 'root',
      outcome: 'ready',
      pinnedKeys: [aKey],
      remarks: [],
    })
    expect(hosts[0]?.changes.at(0)).toMatchObject({subject: 'user yard', found: "isn't there"})
    expect(hosts[0]?.changes.filter(({subject}) => subject === 'catalog')).toHaveLength(2)
    expect(world.applied.get('web-1')?.length).toBe((hosts[0]?.changes.length ?? 0) - 2)
    expect(await world.host('web-1')).toEqual(aHost({user: 'yard', sshKeys: [aKey]}))
    expect([world.logins, world.closed]).toEqual([
      ['root@web-1', 'yard@web-1'],
      ['yard@web-1', 'root@web-1'],
    ])
    expect(world.asked).toEqual(['set up web-1'])
    expect(await world.catalog.locks.list(keys.locks)).toMatchObject({records: []})
  })

  test('a host that is ready gets nothing, and its record stays as it is', async () => {
    await setUp()
    world.applied.clear()
    const before = await world.catalog.hosts.get(keys.host('staging', 'web-1'))

    expect(await setUp()).toMatchObject({hosts: [{outcome: 'unchanged', changes: []}]})
    expect(world.applied.size).toBe(0)
    expect(await world.catalog.hosts.get(keys.host('staging', 'web-1'))).toEqual(before)
  })

  test.each(['check', 'plan'] as const)(
    'to %s takes no step, asks nobody and writes nothing',
    async (mode) => {
      const report = await setUp({mode})

      expect(report.hosts[0]?.outcome).toBe('differs')
      expect(report.code).toBe(mode === 'check' ? 'E_HOST_SETUP' : undefined)
      expect([world.applied.size, world.asked, world.logins]).toEqual([0, [], ['root@web-1']])
      expect(await world.host('web-1')).toEqual(aHost())
    },
  )

  test('a check of a ready host that the catalog knows too little of says what', async () => {
    world.machines.set('web-1', world.ready())

    const {hosts} = await setUp({mode: 'check'})

    expect(hosts[0]?.changes.map(({found}) => found)).toEqual([
      "doesn't say that yard brings releases to web-1",
      'has no SSH key of web-1',
    ])
  })

  test('without room nothing is done; of a host that needs nothing it is only remarked', async () => {
    const disks = [{directory: '/srv', freeBytes: 50_000_000}]
    world.machines.set('web-1', aBareMachine({disks}))
    expect(await failureOf(setUp())).toMatchObject({code: 'E_DISK_FULL', what: "Can't make web-1 ready"})
    expect((await setUp({mode: 'check'})).hosts[0]?.remarks).toEqual([expect.stringContaining('50 MB free')])
    expect(world.applied.size).toBe(0)

    world.machines.set('web-1', world.ready({disks}))
    expect(await setUp()).toMatchObject({hosts: [{outcome: 'ready'}]})
  })

  test('what still differs after all steps is told, and the catalog is not told that the host is ready', async () => {
    world.mishaps.set('web-1', () => undefined)
    expect(await failureOf(setUp())).toMatchObject({
      code: 'E_HOST_SETUP',
      why: "after all steps, user yard isn't there",
    })
    world.mishaps.set('web-1', () => world.machines.set('web-1', world.ready({isSudoAllowed: false})))
    expect((await failureOf(setUp())).why).toBe(`sudo there does not follow ${sudoersFile}`)
    expect(await world.host('web-1')).toEqual(aHost())
    expect(world.closed).toEqual(['root@web-1', 'root@web-1'])
  })

  test("who brings releases must get in, and may run root's program, before the catalog says so", async () => {
    world.refusals.set('yard@web-1', refused('E_HOST_AUTH'))
    expect(await failureOf(setUp())).toMatchObject({
      code: 'E_HOST_AUTH',
      what: "web-1 is set up, and doesn't let yard in yet",
      next: [expect.stringContaining('--authorized-key'), expect.any(String)],
    })
    expect(world.logins).toEqual(['root@web-1', 'yard@web-1'])
    world.refusals.clear()
    world.mayRun = false
    expect(await failureOf(setUp())).toMatchObject({
      code: 'E_HOST_SETUP',
      what: "Can't work on web-1 as yard",
    })
    expect(await world.host('web-1')).toEqual(aHost())
  })

  test('keys of its files that its sshd does not show are not pinned; the one that it showed is', async () => {
    const shown = aKey.replace('Ia', 'Ib')
    world.refusals.set('yard@web-1', ({sshKeys}) =>
      sshKeys?.includes(aKey) === true ? refused('E_HOST_KEY')() : undefined,
    )
    expect(await setUp()).toMatchObject({hosts: [{outcome: 'ready'}]})
    expect(await world.host('web-1')).toEqual(aHost({user: 'yard'}))

    world.newKey = shown
    expect(await setUp()).toMatchObject({hosts: [{pinnedKeys: [shown]}]})
    expect((await world.host('web-1'))?.sshKeys).toEqual([shown])
  })

  test('keys that are pinned already stay', async () => {
    const sshKeys = [aKey.replace('Ia', 'Ic')]
    await world.seed({name: 'web-1', sshKeys})

    const {hosts} = await setUp()

    expect(hosts[0]).not.toHaveProperty('pinnedKeys')
    expect(await world.host('web-1')).toEqual(aHost({user: 'yard', sshKeys}))
  })

  test('it logs in as who is asked for, else as the platform file says, else as root', async () => {
    await setUp({login: 'ada', mode: 'check'})
    await setUp({mode: 'check'}, {configuredUser: () => 'admin'})
    await setUp({mode: 'check'}, {configuredUser: () => 'yard'})

    expect(world.logins).toEqual(['ada@web-1', 'admin@web-1', 'root@web-1'])
  })

  test('a login that is refused says how to log in as somebody else', async () => {
    world.refusals.set(
      'root@web-1',
      () =>
        new YardError('E_HOST_AUTH', {what: 'no', why: 'so it is', next: ['look'], details: {user: 'root'}}),
    )
    expect((await failureOf(setUp())).next).toEqual([expect.stringContaining('--login NAME'), 'look'])
  })

  test('of all hosts, one that can not be made ready keeps nobody else from it', async () => {
    await world.seed({name: 'web-1'}, {name: 'web-2'}, {name: 'web-3'})
    world.machines.set('web-2', aBareMachine({systemdVersion: 200}))

    const report = await setUp({host: undefined, isForAll: true})

    expect(report.code).toBe('E_HOST_SETUP')
    expect(report.hosts.map(({host, outcome, problem}) => [host, outcome, problem?.code])).toEqual([
      ['web-1', 'ready', undefined],
      ['web-2', 'failed', 'E_HOST_SETUP'],
      ['web-3', 'ready', undefined],
    ])
    expect(world.asked).toEqual(['set up web-1, web-2, web-3'])
  })

  test('no host, a host and all, none in the environment, local and unknown ones are refused', async () => {
    expect(await failureOf(setUp({host: undefined}))).toMatchObject({code: 'E_USAGE', why: 'none is named'})
    expect((await failureOf(setUp({isForAll: true}))).code).toBe('E_USAGE')
    expect((await failureOf(setUp({host: 'web-9'}))).code).toBe('E_HOST_UNKNOWN')
    expect((await failureOf(setUp({environment: 'stagin'}))).code).toBe('E_ENVIRONMENT_UNKNOWN')
    expect((await failureOf(setUp({environment: 'local'}))).why).toContain('it is this machine')
    const empty = new SetupWorld()
    await empty.seed()
    expect(
      await failureOf(setUpHosts(empty.needs(), {...request, host: undefined, isForAll: true})),
    ).toMatchObject({code: 'E_USAGE', why: 'it has none yet'})
  })

  test.each(['-----BEGIN OPENSSH PRIVATE KEY-----', `command="x" ${aKey}`, 'x'])(
    'a key that is none is refused before anybody is asked: %s',
    async (line) => {
      expect(await failureOf(setUp({authorizedKeys: ['# people', aKey, line]}))).toMatchObject({
        code: 'E_USAGE',
      })
      expect(world.logins).toEqual([])
    },
  )

  test('two at once on one host: the second says who is at work', async () => {
    const first = setUp()
    expect([await failureOf(setUp()).then(({code}) => code), (await first).hosts[0]?.outcome]).toEqual([
      'E_LOCKED',
      'ready',
    ])
  })

  test('an interruption ends it at once, and the host is not written down', async () => {
    const hanging = new Promise<never>(() => undefined)
    const needs = world.needs()
    const openHost: HostSetupNeeds['openHost'] = async (host, options) => {
      const opened = await needs.openHost(host, options)
      return {...opened, setup: {...opened.setup, apply: () => hanging}}
    }
    const ended = setUp({}, {openHost})
    world.interruption.abort(new YardError('E_INTERRUPTED', {what: 'x', why: 'y', next: ['z']}))

    expect((await failureOf(ended)).code).toBe('E_INTERRUPTED')
    expect(await world.host('web-1')).toEqual(aHost())
  })

  test('a record that somebody changed meanwhile keeps the change', async () => {
    world.mishaps.set('web-1', () => world.machines.set('web-1', world.ready()))
    const needs = world.needs()
    const openHost: HostSetupNeeds['openHost'] = async (host, options) => {
      if (options.user === 'yard') await world.seed({name: 'web-1', zone: 'b'})
      return needs.openHost(host, options)
    }
    await setUp({}, {openHost})
    expect(await world.host('web-1')).toEqual(aHost({zone: 'b', user: 'yard', sshKeys: [aKey]}))

    const sshKeys = [aKey.replace('Ia', 'Ic')]
    const pinning: HostSetupNeeds['openHost'] = async (host, options) => {
      if (options.user === 'yard') await world.seed({name: 'web-1', sshKeys})
      return needs.openHost(host, options)
    }
    await world.seed({name: 'web-1'})
    await setUp({}, {openHost: pinning})
    expect(await world.host('web-1')).toEqual(aHost({user: 'yard', sshKeys}))

    const moving: HostSetupNeeds['openHost'] = async (host, options) => {
      await world.seed({name: 'web-1', address: '10.9.9.9'})
      return needs.openHost(host, options)
    }
    expect((await failureOf(setUp({}, {openHost: moving}))).code).toBe('E_CONFLICT')
  })
})
