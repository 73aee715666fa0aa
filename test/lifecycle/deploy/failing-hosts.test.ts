import {describe, expect, test} from '@jest/globals'

import {deploy} from '../../../src/lifecycle/deploy.js'
import {serviceText} from '../../fakes/deploy-world.js'
import {failureOf} from '../../fakes/failure-of.js'
import {type FleetWorld} from '../../fakes/fleet-world.js'
import {
  expectNeverLess,
  expectOnlyRelease,
  fleetRequest as request,
  liveFleet,
} from '../../fakes/live-fleet.js'

describe('D3 all or back', () => {
  test('of ten hosts in batches of three, the fifth is never healthy: all ten have the old release, and the command fails', async () => {
    const world = await liveFleet(10)
    world.machine('h5').behaviours.set(2, {status: 500})

    const error = await failureOf(deploy(world.needs(), {...request, strategy: {batch: 3}}))

    expect(error).toMatchObject({
      code: 'E_DEPLOY_FAILED',
      exitCode: 1,
      details: {step: 'health', host: 'h5', live: 1},
    })
    expect(error.why).toContain('hello-r2@h5')
    await expectOnlyRelease(world, 1)
    expectNeverLess(world)
    expect((await world.fleetDeploys()).at(-1)).toMatchObject({outcome: 'failed', failedStep: 'health'})
    const rows = await world.fleetSteps(2)
    expect(rows.at(-1)).toMatchObject({
      step: 'health',
      batch: 2,
      hosts: [{outcome: 'done'}, {host: 'h5', outcome: 'failed'}, {outcome: 'done'}],
    })
  })

  test('moves back in one transaction, before any new instance is ended', async () => {
    const world = await liveFleet(4)
    world.machine('h4').behaviours.set(2, {status: 500})

    await failureOf(deploy(world.needs(), request))

    expect(world.traffic.routed).toEqual([
      'h1:2 h2:1 h3:1 h4:1',
      'h1:2 h2:2 h3:1 h4:1',
      'h1:2 h2:2 h3:2 h4:1',
      'h1:1 h2:1 h3:1 h4:1',
    ])
  })

  test('a host that stopped following the catalog is waited for once while the others go back', async () => {
    const world = await liveFleet(3)
    world.traffic.behind.set('h2', 'no route to it')
    const asked = world.traffic.notAwaited.length

    const error = await failureOf(deploy(world.needs(), request))

    expect(error).toMatchObject({details: {step: 'move', live: 1}})
    const [moving, movingBack, ...rest] = world.traffic.notAwaited.slice(asked)
    expect([moving, movingBack]).toEqual([[], []])
    expect(rest.length).toBeGreaterThan(0)
    expect(rest).toEqual(rest.map(() => ['h2']))
  })

  test('with --on-failure pause everything stays, and the next lines resume or abort it', async () => {
    const world = await liveFleet(3)
    world.machine('h2').behaviours.set(2, {status: 500})

    const error = await failureOf(deploy(world.needs(), {...request, onFailure: 'pause'}))

    expect(error).toMatchObject({details: {paused: true, live: 1}})
    expect(error.next.join('\n')).toMatch(/deploy show 2[^]*deploy resume 2[^]*deploy abort 2/)
    expect(world.traffic.routed).toEqual(['h1:2 h2:1 h3:1'])
    expect((await world.fleetDeploys()).at(-1)).toMatchObject({outcome: 'paused', failedStep: 'health'})
    expect(await world.fleetBinding()).toMatchObject({active: 1, joining: 2})
  })

  test('a new deploy takes a paused one back first', async () => {
    const world = await liveFleet(3)
    world.machine('h2').behaviours.set(2, {status: 500})
    await failureOf(deploy(world.needs(), {...request, onFailure: 'pause'}))
    world.nextCommit()

    const report = await deploy(world.needs(), request)

    expect(report).toMatchObject({release: 3, before: 1})
    await expectOnlyRelease(world, 3)
    expect((await world.fleetDeploys()).map(({outcome}) => outcome)).toEqual(['live', 'aborted', 'live'])
    expectNeverLess(world)
  })

  test('with --on-failure continue the failed hosts keep the old release, the others get the new one', async () => {
    const world = await liveFleet(5)
    world.machine('h2').behaviours.set(2, {status: 500})
    world.machine('h4').away = 'no route to it'

    const report = await deploy(world.needs(), {...request, strategy: {batch: 2}, onFailure: 'continue'})

    expect(report).toMatchObject({outcome: 'partial', failedHosts: [{host: 'h4'}, {host: 'h2'}]})
    expect(world.traffic.routed.at(-1)).toBe('h1:2 h2:1 h3:2 h4:1 h5:2')
    expect(world.running()).toEqual([
      'h1: hello-r2@h1',
      'h2: hello-r1@h2',
      'h3: hello-r2@h3',
      'h4: hello-r1@h4',
      'h5: hello-r2@h5',
    ])
    expect((await world.fleetDeploys()).at(-1)).toMatchObject({outcome: 'partial', failedHosts: [{}, {}]})
    expectNeverLess(world)
  })

  test('the deploy after a partial one brings all hosts to one release', async () => {
    const world = await liveFleet(3)
    world.machine('h2').behaviours.set(2, {status: 500})
    await deploy(world.needs(), {...request, onFailure: 'continue'})
    expect(await world.fleetBinding()).toMatchObject({active: 2, joining: 1})
    world.nextCommit()

    await deploy(world.needs(), request)

    await expectOnlyRelease(world, 3)
    expectNeverLess(world)
  })

  test('where every host fails there is nothing to continue with', async () => {
    const world = await liveFleet(2)
    world.behave(2, {status: 500})

    await failureOf(deploy(world.needs(), {...request, onFailure: 'continue'}))

    await expectOnlyRelease(world, 1)
  })
})

describe('the look at the hosts before anything is changed', () => {
  test.each([
    ['is away', (world: FleetWorld) => (world.machine('h2').away = 'no route to it'), /h2.*no route to it/],
    [
      'lacks a program that the service needs',
      (world: FleetWorld) => {
        world.tree.set('service.yaml', `${serviceText}needs: [python3]\n`)
        world.machine('h2').missingPrograms = ['python3']
      },
      /h2 doesn't have python3/,
    ],
  ])('stops the deploy when a host %s', async (_name, spoil, why) => {
    const world = await liveFleet(3)
    spoil(world)

    const error = await failureOf(deploy(world.needs(), request))

    expect(error).toMatchObject({details: {step: 'check', live: 1}})
    expect(error.why).toMatch(why)
    expect(world.machine('h1').commands).toEqual(['survey'])
    expect(world.traffic.routed).toEqual([])
    expect((await world.fleetInstances()).map(({release}) => release)).toEqual([1, 1, 1])
  })

  test('warns of a clock that is off, and avoids ports that are taken', async () => {
    const world = await liveFleet(1)
    world.machine('h1').clockAheadMillis = 600_000
    const all = Array.from({length: 50_000}, (_, index) => 10_000 + index)
    world.machine('h1').takenPorts = new Set(all.filter((port) => port !== 21_777))

    const report = await deploy(world.needs(), request)

    expect(report.instances).toMatchObject([{port: 21_777}])
    expect(JSON.stringify(world.events)).toContain('the clock of h1 is 600 s ahead')
  })
})
