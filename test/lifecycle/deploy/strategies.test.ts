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
  }, 60_000)
})
