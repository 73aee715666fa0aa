import {describe, expect, test} from '@jest/globals'

import {deploy} from '../../../src/lifecycle/deploy.js'
import {aSmokeReport, serviceText} from '../../fakes/deploy-world.js'
import {failureOf} from '../../fakes/failure-of.js'
import {
  expectNeverLess,
  expectOnlyRelease,
  fleetRequest as request,
  liveFleet,
} from '../../fakes/live-fleet.js'

describe('D7 a release that only looks well is stopped, with what it wrote last', () => {
  const lines = Array.from({length: 80}, (_, index) => `line ${index}`)
  test.each([
    ['is healthy for two seconds and then crashes', {endsAfterMillis: 2_300}, 'health', /ended by itself/],
    ['crashes once it has all the traffic', {endsAfterMillis: 12_000}, 'drain', /ended by itself/],
    ['answers with the old id', {answersAs: 'hello-r1'}, 'health', /answers as hello-r1, not as hello-r2/],
  ])('one that %s', async (_name, behaviour, step, why) => {
    const world = await liveFleet(3)
    for (const id of ['h1', 'h2', 'h3']) world.traffic.busyUntil.set(`hello-r1@${id}`, 1e6)
    world.behave(2, {...behaviour, lines})

    const error = await failureOf(deploy(world.needs(), request))

    expect(error.details).toMatchObject({step, live: 1, lastLines: lines.slice(-50)})
    expect(error.why).toMatch(why)
    await expectOnlyRelease(world, 1)
  })

  test('one with 5 % 500s, by a canary', async () => {
    const world = await liveFleet(3)
    world.behave(2, {failsPercent: 5, lines})

    const error = await failureOf(
      deploy(world.needs(), {...request, strategy: {strategy: 'canary', weight: 10, bake: '1m'}}),
    )

    expect(error.details).toMatchObject({step: 'bake', live: 1, lastLines: lines.slice(-50)})
    expect(error.why).toMatch(
      /\d+ of \d+ requests to the new release failed \(5.0 %, 0.0 % of those to the old/,
    )
    expect(world.traffic.routed[0]).toBe('h1:1 h1:2/33 h2:1 h3:1')
    await expectOnlyRelease(world, 1)
  })
})

describe('a canary', () => {
  const canary = {strategy: 'canary', weight: 10, bake: '30s', batch: 2} as const

  test('says so where one host can not get the whole share beside many', async () => {
    const world = await liveFleet(12)

    const {steps} = await deploy(world.needs(), {...request, strategy: {...canary, weight: 50, batch: 11}})

    const move = steps.find(({step}) => step === 'move')
    expect(move?.detail).toBe('18 % to hello-r2, the most that 1 beside 12 can get')
  })

  test('gets its share beside all old instances, is watched, and then the others follow', async () => {
    const world = await liveFleet(4)

    const report = await deploy(world.needs(), {...request, strategy: canary})

    expect(report.batches).toEqual([['h1'], ['h2', 'h3'], ['h4']])
    expect(world.traffic.routed).toEqual([
      'h1:1 h1:2/44 h2:1 h3:1 h4:1',
      'h1:2 h2:1 h3:1 h4:1',
      'h1:2 h2:2 h3:2 h4:1',
      'h1:2 h2:2 h3:2 h4:2',
    ])
    expect(report.steps.find(({step}) => step === 'bake')).toMatchObject({outcome: 'done'})
    expect(report.millis).toBeGreaterThan(30_000)
    await expectOnlyRelease(world, 2)
  })

  test('on a single host is watched beside the old instance, too', async () => {
    const world = await liveFleet(1)

    await deploy(world.needs(), {...request, strategy: canary})

    expect(world.traffic.routed).toEqual(['h1:1 h1:2/11', 'h1:2'])
    await expectOnlyRelease(world, 2)
  })

  test('D13 that answers many with 4xx that the old release serves is stopped', async () => {
    const world = await liveFleet(3)
    world.behave(1, {refusesPercent: 4})
    world.behave(2, {refusesPercent: 40, lines: ['no such route']})

    const error = await failureOf(deploy(world.needs(), {...request, strategy: canary}))

    expect(error.details).toMatchObject({step: 'bake', live: 1, lastLines: ['no such route']})
    expect(error.why).toMatch(
      /40 of 100 requests to the new release got a 4xx \(40.0 %, 4.0 % of those to the old/,
    )
    await expectOnlyRelease(world, 1)
  })

  test('whose callers ask both releases for what is not there goes on', async () => {
    const world = await liveFleet(2)
    for (const release of [1, 2]) world.behave(release, {refusesPercent: 40})

    await deploy(world.needs(), {...request, strategy: canary})

    await expectOnlyRelease(world, 2)
  })

  test('D13 that logs an error at the very end of its time is stopped, too', async () => {
    const world = await liveFleet(2)
    const needs = world.needs()
    const machine = world.machine('h1')
    const lastLines = machine.lastLines.bind(machine)
    let from = Infinity
    machine.lastLines = async (id, count) =>
      id.startsWith('hello-r2') && world.clock.monotonicMillis() >= from
        ? ['ERROR: late']
        : lastLines(id, count)
    const failpoint = async (step: string, moment: string) => {
      if (step === 'bake' && moment === 'before') from = world.clock.monotonicMillis() + 8_500
    }

    const error = await failureOf(
      deploy({...needs, failpoint}, {...request, strategy: {...canary, bake: '9s'}}),
    )

    expect(error.details).toMatchObject({step: 'bake', lastLines: ['hello-r2@h1 (once): ERROR: late']})
  })

  test('D13 that logs an error which the old release does not is stopped within 10 s, with host and count', async () => {
    const world = await liveFleet(3)
    const known = '{"level":50,"msg":"upstream 17 gave up"}'
    world.behave(1, {lines: [known]})
    const fresh = (id: number) => `{"level":50,"msg":"no column ${id}"}`
    world.behave(2, {lines: [known.replace('17', '18'), fresh(1), fresh(2), '{"level":30,"msg":"fine"}']})
    const before = world.clock.monotonicMillis()

    const error = await failureOf(deploy(world.needs(), {...request, strategy: {...canary, bake: '5m'}}))

    expect(error.details).toMatchObject({step: 'bake', lastLines: [`hello-r2@h1 (2 times): ${fresh(1)}`]})
    expect(error.why).toContain('an error that the old one doesn')
    expect(world.clock.monotonicMillis() - before).toBeLessThan(25_000)
    await expectOnlyRelease(world, 1)
  })

  test('with an error that the old release logs as well goes on', async () => {
    const world = await liveFleet(2)
    for (const release of [1, 2]) world.behave(release, {lines: ['ERROR: it failed again'], failsPercent: 3})

    await deploy(world.needs(), {...request, strategy: canary})

    await expectOnlyRelease(world, 2)
  })
})

describe.each(['rolling', 'blue-green'] as const)('D13 %s with --bake', (strategy) => {
  const watched = {...request, strategy: {strategy, bake: '1m'}}

  test('watches all new instances before the old ones are ended', async () => {
    const world = await liveFleet(3)
    const before = world.clock.monotonicMillis()

    const report = await deploy(world.needs(), watched)

    expect(report.steps.map(({step}) => step).join(' ')).toMatch(/move smoke bake drain prune$/)
    expect(report.steps.find(({step}) => step === 'bake')).toMatchObject({outcome: 'done'})
    expect(world.clock.monotonicMillis() - before).toBeGreaterThan(60_000)
    await expectOnlyRelease(world, 2)
  })

  test('lists a new error within 10 s, with host and count, and goes back', async () => {
    const world = await liveFleet(3)
    world.behave(1, {lines: ['ERROR: known']})
    world.behave(2, {lines: ['ERROR: known', 'ERROR: no column 1', 'ERROR: no column 2']})
    let began = 0
    const failpoint = async (step: string, moment: string) => {
      if (step === 'bake' && moment === 'before') began = world.clock.monotonicMillis()
    }
    let told = 0
    const needs = world.needs({failpoint})
    const report = (event: Parameters<typeof needs.report>[0]) => {
      if (event.kind === 'step-finished' && event.step === 'bake') told = world.clock.monotonicMillis()
    }

    const error = await failureOf(deploy({...needs, report}, watched))

    const lastLines = ['hello-r2@h1 (6 times): ERROR: no column 1']
    expect(error.details).toMatchObject({step: 'bake', lastLines})
    expect(told - began).toBeLessThan(10_000)
    await expectOnlyRelease(world, 1)
    expectNeverLess(world)
  })

  test('compares the failed requests with those that the old release had', async () => {
    const world = await liveFleet(3)
    world.behave(1, {failsPercent: 5})
    for (let look = 0; look < 9; look++) await world.traffic.answers([])
    world.behave(2, {failsPercent: 6})
    await deploy(world.needs(), watched)
    await expectOnlyRelease(world, 2)
    world.nextCommit()
    world.behave(3, {failsPercent: 30})

    const error = await failureOf(deploy(world.needs(), watched))

    expect(error.why).toMatch(
      /requests to the new release failed \(30.0 %, 6.0 % of those to the old release\)/,
    )
    await expectOnlyRelease(world, 2)
  })
})

describe('blue-green', () => {
  const blueGreen = {strategy: 'blue-green'} as const

  test('starts and tests all new instances before one transaction moves the traffic', async () => {
    const world = await liveFleet(3)
    world.tree.set('service.yaml', serviceText.replace('[]', '[smoke/*.hurl]'))
    world.smokeReports = Array.from({length: 4}, () => aSmokeReport({outcome: 'passed'}))

    const report = await deploy(world.needs(), {...request, strategy: blueGreen})

    expect(world.traffic.routed).toEqual(['h1:2 h2:2 h3:2'])
    expect(report.steps.map(({step}) => step).join(' ')).toContain('start health verify move smoke drain')
    expect(world.smokeRequests.map(({baseUrl}) => baseUrl).slice(0, 3)).toEqual(
      report.instances.map(({address, port}) => `http://${address}:${port}`),
    )
    await expectOnlyRelease(world, 2)
  })

  test('stops before the traffic moves when a smoke test on a new instance fails', async () => {
    const world = await liveFleet(3)
    world.tree.set('service.yaml', serviceText.replace('[]', '[smoke/*.hurl]'))
    world.smokeReports = [aSmokeReport({outcome: 'failed', failures: 1})]

    const error = await failureOf(deploy(world.needs(), {...request, strategy: blueGreen}))

    expect(error).toMatchObject({details: {step: 'verify', host: 'h1', live: 1}})
    expect(world.traffic.routed.every((routed) => routed === 'h1:1 h2:1 h3:1')).toBe(true)
    await expectOnlyRelease(world, 1)
  })

  test('of more hosts than a transaction has room for keeps to the transactions of an etcd, there and back', async () => {
    const world = await liveFleet(140)
    const {store} = world.catalog
    const transact = store.transact.bind(store)
    let most = 0
    store.transact = (compares, writes) => {
      most = Math.max(most, compares.length, writes.length)
      return transact(compares, writes)
    }
    await deploy(world.needs(), {...request, strategy: blueGreen})
    await expectOnlyRelease(world, 2)
    world.nextCommit()
    world.behave(3, {endsAfterMillis: 5_000})
    for (const id of world.machines.keys()) world.traffic.busyUntil.set(`hello-r2@${id}`, 1e7)

    await failureOf(deploy(world.needs(), {...request, strategy: blueGreen}))

    await expectOnlyRelease(world, 2)
    expectNeverLess(world)
    expect(most).toBeLessThanOrEqual(128)
  })
})
