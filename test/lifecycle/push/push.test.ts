import {beforeEach, describe, expect, test} from '@jest/globals'

import {acquireLock} from '../../../src/catalog/locks.js'
import {keys} from '../../../src/catalog/keys.js'
import {YardError} from '../../../src/errors.js'
import {push} from '../../../src/lifecycle/push/push.js'
import {ManualClock} from '../../fakes/clock.js'
import {failureOf} from '../../fakes/failure-of.js'
import {fakeIdentity} from '../../fakes/identity.js'
import {PushWorld} from '../../fakes/push-world.js'

const request = {environment: 'staging', isPlan: false, acceptsNewKey: false}

function unreachable(host: string): YardError {
  return new YardError('E_HOST_UNREACHABLE', {
    what: `Can't reach ${host}`,
    why: 'nothing listens there',
    next: ['run the command again'],
  })
}

describe('pushing to the hosts of an environment', () => {
  let world: PushWorld

  beforeEach(async () => {
    world = new PushWorld()
    await world.seed(3)
  })

  const pushed = async (host: string) =>
    (await world.catalog.pushedRoutings.get(keys.pushedRouting('staging', host)))?.record
  const lockOf = () => world.catalog.store.get(keys.lock('push/staging'))

  test('gives all of them the same revision, records it and says what they had before', async () => {
    const first = await push(world.needs(), request)

    expect(first).toMatchObject({environment: 'staging', isPlan: false})
    expect(first.code).toBeUndefined()
    expect(first.hosts.map(({host, outcome}) => [host, outcome])).toEqual([
      ['web-1', 'runtime'],
      ['web-2', 'runtime'],
      ['web-3', 'runtime'],
    ])
    expect(world.router('web-2').models[0]?.services).toMatchObject([
      {name: 'hello', servers: [{address: '10.0.0.1', port: 21_001}]},
    ])
    expect(await pushed('web-3')).toMatchObject({revision: first.revision, by: 'ada@laptop'})
    const second = await push(world.needs(), request)
    expect(second.hosts[0]).toMatchObject({revisionBefore: first.revision, revision: second.revision})
    expect(world.asked).toEqual(['push to staging', 'push to staging'])
    expect([world.openNow, await lockOf()]).toEqual([0, undefined])
  })

  test('R18 twenty hosts of which three are dead: seventeen are served, and it says so', async () => {
    await world.seed(20)
    for (const dead of ['web-3', 'web-11', 'web-20']) world.router(dead).failure = unreachable(dead)

    const report = await push(world.needs(), request)

    expect(report.code).toBe('E_PUSH_FAILED')
    expect(report.hosts.filter(({outcome}) => outcome === 'runtime')).toHaveLength(17)
    expect(report.hosts.filter(({outcome}) => outcome === 'failed').map(({host}) => host)).toEqual([
      'web-11',
      'web-20',
      'web-3',
    ])
    expect(report.hosts.find(({host}) => host === 'web-3')).toMatchObject({
      problem: {code: 'E_HOST_UNREACHABLE', why: 'nothing listens there'},
    })
    expect(await pushed('web-3')).toBeUndefined()
    expect(world.openNow).toBe(0)
  })

  test('keeps what a failed host had before as what it has now', async () => {
    const {revision} = await push(world.needs(), request)
    world.router('web-1').failure = new Error('broken')

    const [failed] = (await push(world.needs(), request)).hosts

    expect(failed).toMatchObject({
      outcome: 'failed',
      revision,
      problem: {code: 'E_PUSH_FAILED', why: 'broken'},
    })
  })

  test('does not take a part for all of it', async () => {
    world.router('web-1').outcome = {isComplete: false}

    const [first] = (await push(world.needs(), request)).hosts

    expect(first).toMatchObject({outcome: 'failed', problem: {code: 'E_HAPROXY_UNCONFIRMED'}})
    expect(await pushed('web-1')).toBeUndefined()
  })

  test('goes to the named hosts only', async () => {
    const report = await push(world.needs(), {...request, hosts: ['web-2']})

    expect(report.hosts.map(({host}) => host)).toEqual(['web-2'])
    expect(world.opened.map(({host}) => host)).toEqual(['web-2'])
    expect((await failureOf(push(world.needs(), {...request, hosts: ['web-2', 'web-9']}))).code).toBe(
      'E_HOST_UNKNOWN',
    )
  })

  test('has at most thirty connections open', async () => {
    await world.seed(45)

    expect((await push(world.needs(), request)).hosts).toHaveLength(45)
    expect(world.openMost).toBe(30)
  })

  test('as a plan looks, asks nobody, and changes nothing', async () => {
    const report = await push(world.needs(), {...request, isPlan: true})

    expect(report.hosts.map(({outcome}) => outcome)).toEqual(['planned', 'planned', 'planned'])
    expect(report.hosts[0]?.difference).toMatchObject({isFirst: true})
    expect([world.asked, world.routers.get('web-1')?.models, await pushed('web-1')]).toEqual([
      [],
      [],
      undefined,
    ])
  })

  test('pins the key of a first contact where that was asked for', async () => {
    const key = `ssh-ed25519 ${'A'.repeat(68)}`
    world.newKeys.set('web-2', key)

    const report = await push(world.needs(), {...request, acceptsNewKey: true})

    expect(report.hosts.map(({pinnedKey}) => pinnedKey)).toEqual([undefined, key, undefined])
    const {record} = (await world.catalog.hosts.get(keys.host('staging', 'web-2')))!
    expect(record).toMatchObject({name: 'web-2', sshKeys: [key]})
  })

  test('never goes on beside another push', async () => {
    const other = fakeIdentity({holder: 'grace@desk', host: 'desk'})
    const lock = await acquireLock(world.catalog, new ManualClock(), other, {
      name: 'push/staging',
      purpose: 'push',
    })

    const {code, why} = await failureOf(push(world.needs(), request))

    expect([code, world.opened]).toEqual(['E_LOCKED', []])
    expect(why).toContain('grace@desk')
    await lock.release()
  })

  test('is refused where there is nothing to push to, with what to do instead', async () => {
    const local = await failureOf(push(world.needs(), {...request, environment: 'local'}))
    const empty = new PushWorld()
    await empty.seed(0)
    const none = await failureOf(push(empty.needs(), request))

    expect([local.code, local.next[0]]).toEqual(['E_USAGE', 'yard up --detach'])
    expect([none.code, none.next[0]]).toEqual([
      'E_USAGE',
      'yard hosts add web-1 --env staging --address 10.0.0.11',
    ])
  })

  test('ends when it is interrupted, closes every connection and gives the lock back', async () => {
    const reason = new YardError('E_INTERRUPTED', {what: 'Interrupted', why: 'by Ctrl-C', next: ['again']})
    const router = world.router('web-1')
    router.start = () => {
      world.interruption.abort(reason)
      return Promise.reject(unreachable('web-1'))
    }

    await expect(push(world.needs(), request)).rejects.toBe(reason)
    expect([world.openNow, await lockOf()]).toEqual([0, undefined])
  })

  test('leaves out a record that cannot be trusted, and says so', async () => {
    await world.catalog.store.transact([], [{put: keys.binding('staging', 'bad'), value: '{"v":1}'}])

    expect((await push(world.needs(), request)).code).toBeUndefined()
    expect(world.warnings).toEqual([expect.stringContaining('/rt/bind/bad')])
  })
})
