import {describe, expect, test} from '@jest/globals'

import {YardError} from '../../../src/errors.js'
import {deploy} from '../../../src/lifecycle/deploy.js'
import {failureOf} from '../../fakes/failure-of.js'
import {killAt} from '../../fakes/killing.js'
import {
  expectNeverLess,
  expectOnlyRelease,
  fleetRequest as request,
  liveFleet,
} from '../../fakes/live-fleet.js'

describe('--hosts', () => {
  test('brings the release to these alone, and the others keep what they have', async () => {
    const world = await liveFleet(3)

    const report = await deploy(world.needs(), {...request, hosts: ['h3']})

    expect(report).toMatchObject({outcome: 'partial', leftOut: ['h1', 'h2']})
    expect(world.traffic.routed.at(-1)).toBe('h1:1 h2:1 h3:2')
    expect(world.machine('h1').commands).toEqual([])
    world.nextCommit()
    await deploy(world.needs(), request)
    await expectOnlyRelease(world, 3)
    expectNeverLess(world)
  })

  test('is refused where the others would have two releases besides', async () => {
    const world = await liveFleet(3)
    await deploy(world.needs(), {...request, hosts: ['h3']})
    world.nextCommit()
    const before = await world.catalog.store.range('/')

    expect(await failureOf(deploy(world.needs(), {...request, hosts: ['h2']}))).toMatchObject({
      code: 'E_CONFLICT',
      exitCode: 3,
      why: 'other hosts of staging have two already: hello-r1 on h1, hello-r2 on h3',
    })
    expect(await world.catalog.store.range('/')).toEqual(before)
    await deploy(world.needs(), {...request, hosts: ['h3']})
    expect(world.traffic.routed.at(-1)).toBe('h1:1 h2:1 h3:3')
    await deploy(world.needs(), {...request, hosts: ['h1', 'h2']})
    expect(world.traffic.routed.at(-1)).toBe('h1:4 h2:4 h3:3')
    expectNeverLess(world)
  })

  test('what a killed deploy left is no reason to refuse it', async () => {
    const world = await liveFleet(3)
    await killAt(world, 'move written', (needs) => deploy(needs, request))

    await deploy(world.needs(), {...request, hosts: ['h3']})

    expect(world.traffic.routed.at(-1)).toBe('h1:1 h2:1 h3:3')
  })

  test('D1 during a full deploy is refused', async () => {
    const world = await liveFleet(3)
    const first = deploy(world.needs(), request)

    const second = await failureOf(deploy(world.needs(), {...request, hosts: ['h3']}))

    expect(second).toMatchObject({code: 'E_LOCKED', exitCode: 3})
    await first
    await expectOnlyRelease(world, 2)
  })

  test.each([
    [['h9'], 'E_HOST_UNKNOWN'],
    [['h1', 'h3'], 'E_USAGE'],
  ])('%j is refused before anything is written (%s)', async (hosts, code) => {
    const world = await liveFleet(4)
    await deploy(world.needs(), {...request, hosts: ['h1']})
    const before = await world.catalog.store.range('/')
    const strategy = code === 'E_USAGE' ? {strategy: {strategy: 'blue-green' as const}} : {}

    expect(await failureOf(deploy(world.needs(), {...request, hosts, ...strategy}))).toMatchObject({
      code,
      exitCode: 2,
    })
    expect(await world.catalog.store.range('/')).toEqual(before)
  })
})

describe('D1 a deploy that lost its lock', () => {
  test('is refused by every host, and changes nothing any more', async () => {
    const world = await liveFleet(3)
    let wake: () => void = () => undefined
    const asleep = new Promise<void>((resolve) => (wake = resolve))
    let fellAsleep: () => void = () => undefined
    const isAsleep = new Promise<void>((resolve) => (fellAsleep = resolve))
    const needs = world.needs({
      failpoint: async (step, moment) => {
        if (step !== 'start' || moment !== 'before') return
        fellAsleep()
        await asleep
      },
    })
    const sleeper = deploy(needs, request).catch((error: unknown) => error)
    await isAsleep
    world.dead.add(needs.identity.pid)
    world.nextCommit()
    const report = await deploy(world.needs(), request)
    wake()

    expect(await sleeper).toBeInstanceOf(Error)
    await expectOnlyRelease(world, report.release)
    const [host] = world.machines.values()
    await expect(
      host?.start([], {environment: 'staging', service: 'hello', number: 1}),
    ).rejects.toMatchObject({code: 'E_FENCED'})
  })

  test.each(['start', 'health', 'move', 'smoke', 'drain'])(
    'Ctrl-C in the step %s brings all back',
    async (step) => {
      const world = await liveFleet(3)
      const controller = new AbortController()
      const interruption = new YardError('E_INTERRUPTED', {what: 'Stopped', why: 'SIGTERM', next: ['again']})
      const failpoint = async (at: string, moment: string) => {
        if (at === step && moment === 'before') controller.abort(interruption)
      }

      const error = await failureOf(deploy(world.needs({signal: controller.signal, failpoint}), request))

      expect(error).toMatchObject({code: 'E_INTERRUPTED', exitCode: 130})
      await expectOnlyRelease(world, 1)
      expect((await world.fleetDeploys()).at(-1)).toMatchObject({outcome: 'interrupted'})
    },
  )
})

test.each(['survey', 'place'] as const)(
  'D1 Ctrl-C does not wait for a host that is busy: %s',
  async (command) => {
    const world = await liveFleet(2)
    const controller = new AbortController()
    const interruption = new YardError('E_INTERRUPTED', {what: 'Stopped', why: 'Ctrl-C', next: ['again']})
    world.machine('h2')[command] = () => {
      setImmediate(() => controller.abort(interruption))
      return new Promise<never>(() => undefined)
    }

    expect(await failureOf(deploy(world.needs({signal: controller.signal}), request))).toMatchObject({
      code: 'E_INTERRUPTED',
    })

    await expectOnlyRelease(world, 1)
    expect((await world.fleetDeploys()).at(-1)).toMatchObject({outcome: 'interrupted'})
  },
)

describe('D6 old instances', () => {
  test('are ended when nothing is under way to them any more, not sooner', async () => {
    const world = await liveFleet(2)
    const until = world.clock.monotonicMillis() + 25_000
    world.traffic.busyUntil.set('hello-r1@h2', until)
    let endedAt = 0
    const machine = world.machine('h2')
    const stop = machine.stop.bind(machine)
    machine.stop = (wanted) => {
      endedAt = world.clock.monotonicMillis()
      return stop(wanted)
    }

    await deploy(world.needs(), request)

    expect(endedAt).toBeGreaterThanOrEqual(until)
    expect(endedAt).toBeLessThan(until + 1_000)
  })

  test.each([
    [{}, 30_000],
    [{webSocketMillis: 90_000}, 90_000],
  ])('with connections that never end go when their time is over (%j)', async (wishes, millis) => {
    const world = await liveFleet(1)
    world.traffic.busyUntil.set('hello-r1@h1', 1e9)

    const report = await deploy(world.needs(), {...request, ...wishes})

    const drained = report.steps.find(({step}) => step === 'drain')?.millis
    expect(drained).toBeGreaterThanOrEqual(millis)
    expect(drained).toBeLessThan(millis + 2_000)
  })
})
