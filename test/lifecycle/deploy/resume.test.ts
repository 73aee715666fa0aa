import {describe, expect, test} from '@jest/globals'

import {YardError} from '../../../src/errors.js'
import {deploy} from '../../../src/lifecycle/deploy.js'
import {abortDeploy} from '../../../src/lifecycle/deploy/abort.js'
import {resumeDeploy} from '../../../src/lifecycle/deploy/resume.js'
import {failureOf} from '../../fakes/failure-of.js'
import {type FleetWorld} from '../../fakes/fleet-world.js'
import {
  expectNeverLess,
  expectOnlyRelease,
  liveFleet,
  request,
  resumption,
  second,
} from '../../fakes/halfway.js'
import {killAt} from '../../fakes/killing.js'

describe('a paused deploy', () => {
  async function paused(): Promise<FleetWorld> {
    const world = await liveFleet(3)
    world.machine('h2').behaviours.set(2, {endsAfterMillis: 600})
    const error = await failureOf(deploy(world.needs(), {...request, onFailure: 'pause'}))
    expect(error).toMatchObject({code: 'E_DEPLOY_FAILED', details: {step: 'health'}})
    expect(world.traffic.routed.at(-1)).toBe('h1:2 h2:1 h3:1')
    return world
  }

  test('goes on once the cause is mended: what ended by itself is started anew', async () => {
    const world = await paused()
    world.machine('h2').behaviours.clear()
    world.machine('h2').running.delete('hello-r2@h2')
    for (const machine of world.machines.values()) machine.commands.length = 0

    await resumeDeploy(world.needs(), resumption)

    await expectOnlyRelease(world, 2, 'resumed')
    expectNeverLess(world, 'resumed')
    expect(world.machine('h1').commands).toEqual(['stop'])
    expect(world.machine('h2').commands).toEqual(['stop', 'start', 'stop'])
  })

  test('is paused again while the cause is there', async () => {
    const world = await paused()

    await expect(resumeDeploy(world.needs(), resumption)).rejects.toMatchObject({code: 'E_DEPLOY_FAILED'})

    expect((await world.fleetDeploys())[1]?.outcome).toBe('paused')
    expect(world.traffic.routed.at(-1)).toBe('h1:2 h2:1 h3:1')
  })

  test('is taken back', async () => {
    const world = await paused()

    await abortDeploy(world.needs(), second)

    await expectOnlyRelease(world, 1, 'aborted')
    expectNeverLess(world, 'aborted')
  })

  test('stands where it stood when a host can not be reached, and goes on later', async () => {
    const world = await paused()
    world.machine('h2').behaviours.clear()
    world.machine('h1').away = 'the cable is out'

    await expect(resumeDeploy(world.needs(), resumption)).rejects.toMatchObject({code: 'E_HOST_UNREACHABLE'})
    expect((await world.fleetDeploys())[1]?.outcome).toBe('paused')
    world.machine('h1').away = undefined
    await resumeDeploy(world.needs(), resumption)

    await expectOnlyRelease(world, 2, 'later')
  })

  test('that can not be taken back on a host says so, and can be taken back later', async () => {
    const world = await paused()
    world.machine('h1').away = 'the cable is out'

    await expect(abortDeploy(world.needs(), second)).rejects.toMatchObject({
      code: 'E_STEP_FAILED',
      why: expect.stringMatching(/hello-r2@h1 could not be ended/),
    })
    expect((await world.fleetDeploys())[1]?.outcome).toBe('paused')
    world.machine('h1').away = undefined
    await abortDeploy(world.needs(), second)

    await expectOnlyRelease(world, 1, 'later')
  })
})

describe('a deploy that was interrupted', () => {
  test('was put back, and does everything but build when it is resumed', async () => {
    const world = await liveFleet(3)
    const controller = new AbortController()
    const stop = new YardError('E_INTERRUPTED', {what: 'Stopped', why: 'Ctrl-C', next: ['again']})
    const failpoint = async (step: string, moment: string) => {
      if (step === 'smoke' && moment === 'before') controller.abort(stop)
    }
    await expect(deploy(world.needs({signal: controller.signal, failpoint}), request)).rejects.toMatchObject({
      code: 'E_INTERRUPTED',
    })
    await expectOnlyRelease(world, 1, 'interrupted')
    world.commandLines.length = 0

    const report = await resumeDeploy(world.needs(), resumption)

    expect(report).toMatchObject({deploy: 2, release: 2, outcome: 'live'})
    expect(world.commandLines).toEqual([])
    await expectOnlyRelease(world, 2, 'resumed')
  })

  test('has nothing to be taken back', async () => {
    const world = await liveFleet(1)
    const controller = new AbortController()
    controller.abort(new YardError('E_INTERRUPTED', {what: 'Stopped', why: 'Ctrl-C', next: ['again']}))
    await failureOf(deploy(world.needs({signal: controller.signal}), request))

    await expect(abortDeploy(world.needs(), second)).rejects.toMatchObject({
      code: 'E_DEPLOY_ENDED',
      why: expect.stringMatching(/everything was put back/),
    })
  })
})

test('a deploy that left a host out brings it there when it is resumed, and touches no other', async () => {
  const world = await liveFleet(3)
  world.machine('h2').behaviours.set(2, {endsAfterMillis: 100})
  const first = await deploy(world.needs(), {...request, onFailure: 'continue'})
  expect(first).toMatchObject({outcome: 'partial', failedHosts: [{host: 'h2'}]})
  world.machine('h2').behaviours.clear()
  for (const machine of world.machines.values()) machine.commands.length = 0

  const report = await resumeDeploy(world.needs(), resumption)

  expect(report).toMatchObject({outcome: 'live', deploy: 2})
  await expectOnlyRelease(world, 2, 'resumed')
  expectNeverLess(world, 'resumed')
  expect(world.machine('h1').commands).toEqual(['survey'])
  expect(world.machine('h3').commands).toEqual(['survey'])
})

describe('what can neither go on nor back', () => {
  test.each([
    ['one that is live', 1],
    ['one that failed', 2],
  ])('%s', async (_name, number) => {
    const world = await liveFleet(1)
    if (number === 2) {
      world.behave(2, {endsAfterMillis: 0})
      await failureOf(deploy(world.needs(), request))
    }
    const before = await world.catalog.store.range('/yard/v1/in/')

    for (const work of [resumeDeploy, abortDeploy]) {
      await expect(work(world.needs(), {...resumption, number})).rejects.toMatchObject({
        code: 'E_DEPLOY_ENDED',
        exitCode: 3,
      })
    }
    expect((await world.catalog.store.range('/yard/v1/in/')).entries).toEqual(before.entries)
  })

  test('one that never was', async () => {
    const world = await liveFleet(1)
    for (const work of [resumeDeploy, abortDeploy]) {
      await expect(work(world.needs(), {...resumption, number: 77})).rejects.toMatchObject({
        code: 'E_DEPLOY_UNKNOWN',
        exitCode: 2,
      })
    }
  })

  test('one that a later deploy has mended', async () => {
    const world = await liveFleet(3)
    await killAt(world, 'move after', (needs) => deploy(needs, request))
    world.nextCommit()
    await deploy(world.needs(), request)

    for (const work of [resumeDeploy, abortDeploy]) {
      await expect(work(world.needs(), resumption)).rejects.toMatchObject({code: 'E_DEPLOY_ENDED'})
    }
  })

  test('D1 one that is at work: its lock keeps others out, and says whose it is', async () => {
    const world = await liveFleet(3)
    let isAtWork: () => void = () => undefined
    const atWork = new Promise<void>((resolve) => (isAtWork = resolve))
    let goOn: () => void = () => undefined
    const waiting = new Promise<void>((resolve) => (goOn = resolve))
    const failpoint = async (step: string, moment: string) => {
      if (step !== 'move' || moment !== 'before') return
      isAtWork()
      await waiting
    }
    const running = deploy(world.needs({failpoint}), request)
    await atWork

    for (const work of [resumeDeploy, abortDeploy]) {
      await expect(work(world.needs(), resumption)).rejects.toMatchObject({
        code: 'E_LOCKED',
        why: expect.stringMatching(/ada@laptop/),
      })
    }
    goOn()
    await running
    await expectOnlyRelease(world, 2, 'left alone')
  })
})

describe('from another machine', () => {
  test('a deploy whose release is on the hosts goes on without the build', async () => {
    const world = await liveFleet(3)
    await killAt(world, 'start before', (needs) => deploy(needs, request))
    world.artifactsKept.clear()

    await resumeDeploy(world.needs(), resumption)

    await expectOnlyRelease(world, 2, 'elsewhere')
  })

  test('one whose release is not there yet is refused, and stands where it stood', async () => {
    const world = await liveFleet(3)
    await killAt(world, 'check after', (needs) => deploy(needs, request))
    world.artifactsKept.clear()

    await expect(resumeDeploy(world.needs(), resumption)).rejects.toThrow(/its build is not on this machine/)
    expect((await world.fleetDeploys())[1]?.outcome).toBe('running')
  })
})
