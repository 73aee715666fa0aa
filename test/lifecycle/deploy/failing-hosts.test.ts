import {describe, expect, test} from '@jest/globals'

import {YardError} from '../../../src/errors.js'
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

const anotherVersion = (host: string) =>
  new YardError('E_HOST_SETUP', {
    what: `Can't use ${host}`,
    why: 'its helper is of another version',
    next: [`yard host setup ${host}`],
  })

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
    const [moving, ...goingBack] = world.traffic.notAwaited.slice(asked)
    expect(moving).toEqual([])
    expect(goingBack.length).toBeGreaterThan(0)
    expect(goingBack).toEqual(goingBack.map(() => ['h2']))
  })

  test('a host that went away is named with what it was wanted for, and not waited for while the others go back', async () => {
    const world = await liveFleet(3)
    const asked = world.traffic.notAwaited.length
    const failpoint = async (step: string, moment: string) => {
      const isSecondBatch = world.traffic.routed.length > 0
      if (isSecondBatch && step === 'start' && moment === 'before') world.machine('h2').away = 'it is silent'
    }

    const error = await failureOf(deploy(world.needs({failpoint}), request))

    expect(error).toMatchObject({details: {step: 'start', host: 'h2', live: 1}})
    expect(error.why).toContain("start: Can't reach h2: it is silent")
    const [, ...goingBack] = world.traffic.notAwaited.slice(asked)
    expect(goingBack.length).toBeGreaterThan(0)
    expect(goingBack).toEqual(goingBack.map(() => ['h2']))
  })

  test('where hosts fail at once, each of them is named, with its own lines to paste', async () => {
    const world = await liveFleet(3)
    for (const name of ['h1', 'h3']) world.machine(name).failures.set('survey', anotherVersion(name))

    const error = await failureOf(deploy(world.needs(), request))

    expect(error).toMatchObject({
      why: expect.stringContaining(
        'h1: its helper is of another version; h3: its helper is of another version',
      ),
      next: ['yard host setup h1 --env staging', 'yard host setup h3 --env staging'],
      details: {host: 'h1', hosts: ['h1', 'h3']},
    })
  })

  test('of many hosts that fail at once, the first are told in full', async () => {
    const world = await liveFleet(9)
    for (const name of world.machines.keys()) world.machine(name).failures.set('survey', anotherVersion(name))

    const error = await failureOf(deploy(world.needs(), request))

    expect(error.why).toMatch(/h4: its helper is of another version; and 5 more hosts/)
    expect(error.details?.['hosts']).toHaveLength(9)
  })

  test.each([
    [
      'somebody else has its port',
      true,
      /ended by itself with exit 1; another process listens on its port \d+;/,
    ],
    ['nobody else has its port', false, /ended by itself with exit 1;/],
  ])('one that ended by itself while %s says so', async (_, isTaken, why) => {
    const world = await liveFleet(2)
    world.machine('h2').behaviours.set(2, {endsAfterMillis: 0})

    const error = await failureOf(deploy(world.needs({acceptsConnections: async () => isTaken}), request))

    expect(error.why).toMatch(why)
  })

  test('a batch of which no host is left moves no traffic, and says so', async () => {
    const world = await liveFleet(3)
    world.machine('h2').behaviours.set(2, {status: 500})

    await deploy(world.needs(), {...request, strategy: {batch: 1}, onFailure: 'continue'})

    const moves = (await world.fleetSteps(2)).filter(({step}) => step === 'move')
    expect(moves.map(({detail}) => detail)).toEqual([
      'hello-r1 to hello-r2 on h1',
      'as it was, no host of it goes on',
      'hello-r1 to hello-r2 on h3',
    ])
  })

  test('a step that does not go host by host tells in the journal on which one it failed', async () => {
    const world = await liveFleet(3)
    world.traffic.behind.set('h2', 'no route to it')

    await failureOf(deploy(world.needs(), request))

    expect((await world.fleetSteps(2)).at(-1)).toMatchObject({
      step: 'move',
      outcome: 'failed',
      hosts: [{host: 'h2', outcome: 'failed', detail: "h2 doesn't follow the catalog: no route to it"}],
    })
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
