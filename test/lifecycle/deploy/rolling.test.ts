import {describe, expect, test} from '@jest/globals'

import {deploy} from '../../../src/lifecycle/deploy.js'
import {failureOf} from '../../fakes/failure-of.js'
import {
  everywhere,
  expectNeverLess,
  expectOnlyRelease,
  fleetRequest as request,
  liveFleet,
} from '../../fakes/live-fleet.js'

describe('rolling', () => {
  test('goes from host to host unless told otherwise, and ends the old ones once all of it holds', async () => {
    const world = await liveFleet(3)

    const report = await deploy(world.needs(), request)

    expect(report).toMatchObject({outcome: 'live', strategy: 'rolling', before: 1, release: 2})
    expect(report.batches).toEqual([['h1'], ['h2'], ['h3']])
    expect(world.traffic.routed).toEqual(['h1:2 h2:1 h3:1', 'h1:2 h2:2 h3:1', 'h1:2 h2:2 h3:2'])
    await expectOnlyRelease(world, 2)
    expect(await world.fleetDeploys()).toMatchObject([
      {},
      {outcome: 'live', batches: [['h1'], ['h2'], ['h3']]},
    ])
  })

  test('in batches, of a number of hosts or a share of them', async () => {
    const world = await liveFleet(5)

    const report = await deploy(world.needs(), {...request, strategy: {batch: '40%'}})

    expect(report.batches).toEqual([['h1', 'h2'], ['h3', 'h4'], ['h5']])
    await expectOnlyRelease(world, 2)
    expectNeverLess(world)
  })

  test('D9 takes four commands on each host: survey, place, start, stop', async () => {
    const world = await liveFleet(3)

    await deploy(world.needs(), request)

    for (const {commands} of world.machines.values())
      expect(commands).toEqual(['survey', 'place', 'start', 'stop'])
    expect([...world.machines.values()].every(({closed}) => closed > 0)).toBe(true)
  })

  test('writes a row for each step of each batch, with how each host is', async () => {
    const world = await liveFleet(3)

    await deploy(world.needs(), {...request, strategy: {batch: 2}})

    const rows = await world.fleetSteps(2)
    expect(rows.map(({batch, step}) => `${step}${batch ?? ''}`).join(' ')).toBe(
      'recover build release check unpack prepare start1 health1 move1 start2 health2 move2 smoke drain prune',
    )
    expect(rows.find(({batch, step}) => step === 'start' && batch === 1)?.hosts).toEqual([
      {host: 'h1', outcome: 'done'},
      {host: 'h2', outcome: 'done'},
    ])
  })

  test('runs the release process once, on the first host, before anything is started', async () => {
    const world = await liveFleet(3)
    world.tree.set('Procfile', 'web: node server.js\nrelease: node migrate.js\n')

    await deploy(world.needs(), request)

    expect([...world.machines.values()].map(({commands}) => commands.join(' '))).toEqual([
      'survey place run start stop',
      'survey place start stop',
      'survey place start stop',
    ])
  })

  test('D8 a release process that is killed, such as for its memory, is a failure of the step', async () => {
    const world = await liveFleet(3)
    world.tree.set('Procfile', 'web: node server.js\nrelease: node migrate.js\n')
    const lastLines = ['SIGKILL, it took more memory than it may']
    world.machine('h1').runResult = {outcome: 'failed', signal: 'SIGKILL', lastLines}

    const error = await failureOf(deploy(world.needs(), request))

    expect(error.details).toMatchObject({step: 'prepare', live: 1, lastLines})
    expect(error.why).toContain('prepare: `node migrate.js` was ended by SIGKILL')
    expect(world.running()).toEqual(everywhere(world, 1))
  })

  test('D11 a release process that fails leaves everything as it was', async () => {
    const world = await liveFleet(3)
    world.tree.set('Procfile', 'web: node server.js\nrelease: node migrate.js\n')
    world.machine('h1').runResult = {outcome: 'failed', exitCode: 1, lastLines: ['no such table']}

    const error = await failureOf(deploy(world.needs(), request))

    expect(error).toMatchObject({details: {step: 'prepare', live: 1, lastLines: ['no such table']}})
    expect(world.traffic.routed).toEqual([])
    expect(world.running()).toEqual(everywhere(world, 1))
  })
})
