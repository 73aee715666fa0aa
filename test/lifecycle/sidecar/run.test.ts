import {afterEach, describe, expect, test} from '@jest/globals'

import {YardError} from '../../../src/errors.js'
import {type SidecarRequest} from '../../../src/lifecycle/sidecar/run.js'
import {failureOf} from '../../fakes/failure-of.js'
import {aFollowedState, ScriptedCatalog} from '../../fakes/followed-catalog.js'
import {aHost} from '../../fakes/records.js'
import {SidecarWorld as World} from '../../fakes/sidecar-world.js'

let world = new World()
const begin = async (request: Partial<SidecarRequest> = {}) => {
  world = new World()
  await world.begin(request)
  return world
}
afterEach(() => world.end())

describe('following', () => {
  test('HAProxy follows at once, and whoever waits for that is told', async () => {
    const {ready, router, notifier} = await begin()
    expect(router.models).toHaveLength(1)
    expect(router.models[0]?.services[0]?.servers).toHaveLength(1)
    expect(ready).toEqual([
      expect.objectContaining({
        environment: 'staging',
        host: 'web-1',
        revision: 1,
        services: 1,
        isStale: false,
      }),
    ])
    expect(notifier.told[0]).toBe('ready: HAProxy follows revision 1 of staging, 1 services')
  })

  test('the first change is applied at once, those within 100 ms of it together', async () => {
    const {clock, followed, router} = await begin()
    await clock.advance(1_000)
    followed.change(aFollowedState({revision: 2}, 2))
    await clock.advance(0)
    expect(router.models.at(-1)?.services[0]?.servers).toHaveLength(2)
    const before = router.models.length

    for (const [index, revision] of [3, 4, 5].entries()) {
      followed.change(aFollowedState({revision}, 3 + index))
      await clock.advance(20)
    }
    expect(router.models).toHaveLength(before)
    await clock.advance(41)
    expect(router.models).toHaveLength(before + 1)
    expect(router.models.at(-1)?.services[0]?.servers).toHaveLength(5)
  })

  test('a quiet catalog is compared with HAProxy every five seconds', async () => {
    const {clock, router} = await begin()
    await clock.advance(30_000)
    expect(router.models.length).toBeGreaterThanOrEqual(6)
    expect(router.models.length).toBeLessThanOrEqual(8)
  })

  test('a host that lost its record goes on as what it was', async () => {
    const {clock, followed, router} = await begin()
    const {facts} = followed.state()
    const edge = {httpPort: 80, redirect: false, maxBodyBytes: 1_000}
    const environment = {...facts.environment, edge}
    followed.change({facts: {...facts, environment, hosts: [aHost({edge: true})]}, revision: 2})
    await clock.advance(200)
    expect(router.models.at(-1)?.edge?.http.port).toBe(80)
    followed.change({facts: {...facts, environment, hosts: []}, revision: 3})
    await clock.advance(200)
    expect(router.models.at(-1)?.edge?.http.port).toBe(80)
  })
})

describe('reloads', () => {
  test('what takes a reload waits for its turn after the last one, and is then done', async () => {
    const {clock, followed, router} = await begin()
    router.outcome = {how: 'reload'}
    await clock.advance(1_000)
    followed.change({revision: 2})
    await clock.advance(200)
    expect(router.options.at(-1)?.mayReload).toBe(true)

    router.outcome = {how: 'unchanged', isComplete: false, owesReload: true}
    followed.change({revision: 3})
    await clock.advance(200)
    expect(router.options.at(-1)?.mayReload).toBe(false)
    expect(world.status().agent['appliedRevision']).toBe(2)
    expect(world.status().agent.sidecar).toMatchObject({isReloadOwed: true, behindSince: expect.any(String)})

    await clock.advance(9_500)
    expect(router.options.at(-1)?.mayReload).toBe(false)
    router.outcome = {how: 'reload'}
    await clock.advance(200)
    expect(router.options.at(-1)?.mayReload).toBe(true)
    expect(world.status().agent).toMatchObject({appliedRevision: 3})
    expect(world.status().agent.sidecar['behindSince']).toBeUndefined()
  })

  test('a reload that merely tidies up is done once nothing changed for ten seconds', async () => {
    const {clock, followed, router} = await begin()
    router.outcome = {how: 'runtime', owesReload: true}
    await clock.advance(1_000)
    followed.change({revision: 2})
    await clock.advance(9_900)
    expect(router.options.every(({tidiesUp}) => tidiesUp !== true)).toBe(true)
    await clock.advance(400)
    expect(router.options.at(-1)?.tidiesUp).toBe(true)
  })

  test('a reload that HAProxy refuses is told, tried again when it is due, and not forgotten meanwhile', async () => {
    const {clock, events, followed, router} = await begin()
    await clock.advance(1_000)
    router.failure = new YardError('E_PORT_TAKEN', {
      what: "Can't listen on port 80",
      why: 'nginx has it',
      next: ['ss -ltnp'],
    })
    followed.change({revision: 2})
    await clock.advance(100)
    expect(events).toContainEqual({kind: 'warning', text: "Can't listen on port 80: nginx has it"})

    router.failure = undefined
    router.outcome = {how: 'runtime', isComplete: false}
    await clock.advance(400)
    expect(router.options.at(-1)).toMatchObject({mayReload: false})
    expect(world.status().agent['problem']).toContain('nginx has it')

    await clock.advance(9_500)
    router.outcome = {how: 'reload'}
    await clock.advance(500)
    expect(world.status().agent).not.toHaveProperty('problem')
    expect(world.metrics()).toContain('yard_sidecar_reloads_total{outcome="refused"} 1\n')
    expect(world.metrics()).toContain('yard_sidecar_reloads_total{outcome="done"} 1\n')
  })
})

describe('trouble', () => {
  test('a change that fails is told once, tried again, and what is wrong stands in the status', async () => {
    const {clock, events, followed, router} = await begin()
    router.failure = new Error('no space left on the disk')
    followed.change({revision: 2})
    await clock.advance(10_000)
    expect(events.filter(({kind}) => kind === 'warning')).toHaveLength(1)
    expect(world.status().agent).toMatchObject({appliedRevision: 1, problem: 'no space left on the disk'})
    expect(world.status().millisBehind).toBeGreaterThan(9_000)
    expect(world.metrics()).toMatch(/yard_sidecar_seconds_behind 9/)

    router.failure = undefined
    await clock.advance(2_000)
    expect(world.status().agent).toMatchObject({appliedRevision: 2})
    expect(world.status().millisBehind).toBe(0)
  })

  test('a HAProxy that does not start at first is tried again, and nobody is told that it is ready', async () => {
    world = new World()
    world.router.failure = new Error('it does not come up')
    await world.begin()
    await world.clock.advance(3_000)
    expect(world.ready).toEqual([])
    expect(world.notifier.told.filter((line) => line.startsWith('ready'))).toEqual([])
    expect(world.board.published.at(-1)).toMatchObject({appliedRevision: 0, problem: 'it does not come up'})
    world.router.failure = undefined
    await world.clock.advance(2_000)
    expect(world.ready).toHaveLength(1)
  })

  test('a catalog that is away holds up nothing, and hears of it when it is back', async () => {
    const {board, clock, events, followed, router} = await begin()
    board.isAway = true
    followed.change({staleSince: '2026-11-20T12:00:05.000Z', problem: 'no member answers'})
    await clock.advance(60_000)
    expect(router.models.length).toBeGreaterThan(10)
    expect(events).toContainEqual({
      kind: 'warning',
      text: "the catalog can't be heard since 2026-11-20T12:00:05.000Z (no member answers); requests go on by what it said last",
    })
    expect(world.metrics()).toContain('yard_sidecar_stale 1\n')
    board.isAway = false
    const before = board.published.length
    await clock.advance(2_500)
    expect(board.published.length).toBeGreaterThan(before)
    followed.change({staleSince: undefined, problem: undefined})
    await clock.advance(200)
    expect(events).toContainEqual({kind: 'note', text: 'the catalog is heard again'})
  })

  test('losses that are held and records that are not trusted are named once, and in the status', async () => {
    const {clock, events, followed} = await begin()
    followed.change({
      suspects: ['billing: 3 of 5 vanished'],
      bad: [{key: '/yard/v1/x', why: 'port: is no port'}],
    })
    await clock.advance(11_000)
    const texts = events.flatMap((event) => (event.kind === 'warning' ? [event.text] : []))
    expect(texts.filter((text) => text.includes('held back: billing: 3 of 5 vanished'))).toHaveLength(1)
    expect(texts.filter((text) => text.includes('is no port'))).toHaveLength(1)
    expect(world.status().agent).toMatchObject({
      skipped: ['/yard/v1/x: port: is no port'],
      sidecar: {suspects: ['billing: 3 of 5 vanished']},
    })
    expect(world.metrics()).toContain('yard_sidecar_quarantined_records 1\n')
    expect(world.metrics()).toContain('yard_sidecar_suspects 1\n')
  })

  test('systemd is told how it goes when that is new: what is followed, and what keeps it from that', async () => {
    const {clock, followed, notifier, router} = await begin()
    const statuses = () => notifier.told.filter((line) => line.startsWith('status'))
    await clock.advance(30_000)
    expect(statuses()).toHaveLength(1)
    followed.change({revision: 2, staleSince: '2026-11-20T12:00:00.000Z'})
    await clock.advance(15_000)
    expect(statuses().at(-1)).toBe(
      "status: HAProxy follows revision 2 of staging, 1 services; the catalog can't be heard since 2026-11-20T12:00:00.000Z",
    )
    router.apply = () => Promise.reject(new Error('the disk is full'))
    followed.change({revision: 3})
    await clock.advance(15_000)
    expect(statuses().at(-1)).toBe('status: HAProxy does not follow staging: the disk is full')
  })

  test('the watchdog hears nothing while a turn hangs, and the record in the catalog is let go', async () => {
    const {board, clock, followed, notifier, router} = await begin()
    let release: () => void = () => undefined
    router.apply = () => new Promise((resolve) => (release = () => resolve({} as never)))
    followed.change({revision: 2})
    await clock.advance(25_000)
    const told = notifier.told.length
    const {renewals} = board
    await clock.advance(60_000)
    expect(notifier.told).toHaveLength(told)
    expect(board.renewals).toBe(renewals)
    release()
  })
})

describe('one for each host', () => {
  test('a second one is refused with the first one named', async () => {
    const {door} = await begin()
    const second = new World()
    Object.assign(second, {door})
    const error = await failureOf(second.run())
    expect(error).toMatchObject({code: 'E_LOCKED', what: "Can't run a second sidecar for web-1 in staging"})
    expect(error.why).toMatch(/^process 42 is it, since 2026-11-20T12:00:00/)
    expect(second.router.models).toEqual([])
  })

  test('one of another environment, or another program, has a port of its own: that is said, too', async () => {
    const {door} = await begin()
    const other = new World(new ScriptedCatalog(aFollowedState()))
    Object.assign(other, {door})
    other.followed.change({facts: {...other.followed.state().facts, hosts: []}})
    const error = await failureOf(other.run({host: 'web-2', environment: 'other'}))
    expect(error).toMatchObject({code: 'E_LOCKED', what: "Can't run a second sidecar on this machine"})
    expect(error.why).toMatch(/^process 42 is that of web-1 in staging/)
    door.taken.add(9_000)
    expect(await failureOf(other.run({doorPort: 9_000}))).toMatchObject({
      code: 'E_PORT_TAKEN',
      why: 'another program listens on 127.0.0.1:9000',
    })
  })

  test('a host that the catalog does not know is refused, unless the catalog is away', async () => {
    world = new World()
    const error = await failureOf(world.run({host: 'web-9'}))
    expect(error).toMatchObject({code: 'E_HOST_UNKNOWN', why: 'the environment has web-1'})
    world = new World(new ScriptedCatalog(aFollowedState({staleSince: '2026-11-20T12:00:00.000Z'})))
    await world.begin({host: 'web-9'})
    expect(world.ready).toHaveLength(1)
  })
})

describe('the end', () => {
  test('the record and the door go, HAProxy goes on', async () => {
    const {board, door, notifier, router} = await begin()
    await world.end()
    expect(board.isCleared).toBe(true)
    expect(door.pages.size).toBe(0)
    expect(router.isStarted).toBe(true)
    expect(notifier.told.at(-1)).toBe('stopping')
  })

  test('HAProxy ends, too, where that was asked for', async () => {
    const {router} = await begin({stopsHaproxy: true})
    await world.end()
    expect(router.isStarted).toBe(false)
  })

  test('a catalog that is away does not keep it from ending', async () => {
    const {board} = await begin()
    board.clear = () => new Promise(() => undefined)
    await world.end()
    expect(world.door.pages.size).toBe(0)
  })

  test('each turn passes the points where a test may kill it', async () => {
    const {steps} = await begin()
    expect(steps.slice(0, 2)).toEqual(['apply:before', 'apply:after'])
    expect(steps).toContain('report:before')
  })
})
