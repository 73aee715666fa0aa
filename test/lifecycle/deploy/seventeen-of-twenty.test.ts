import {describe, expect, test} from '@jest/globals'

import {deploy} from '../../../src/lifecycle/deploy.js'
import {abortDeploy} from '../../../src/lifecycle/deploy/abort.js'
import {showDeploy} from '../../../src/lifecycle/deploy/journal/show.js'
import {resumeDeploy} from '../../../src/lifecycle/deploy/resume.js'
import {deployShowView} from '../../../src/terminal/deploy-show-view.js'
import {deployView} from '../../../src/terminal/deploy-view.js'
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

const wanted = {...request, strategy: {batch: 4}}
const bad = ['h3', 'h9', 'h20'] as const

describe('of twenty hosts three never get well', () => {
  test('by default all twenty go back, and the deploy says which host it was, and what became of the others', async () => {
    const world = await unwellFleet()

    const error = await failureOf(deploy(world.needs(), wanted))

    expect(error).toMatchObject({code: 'E_DEPLOY_FAILED', exitCode: 1, details: {host: 'h3', live: 1}})
    await expectOnlyRelease(world, 1, 'all back')
    expectNeverLess(world, 'all back')
    const {lines, next} = await shown(world)
    expect(lines[0]).toMatch(/^deploy 2 of hello to staging failed at health: .*hello-r2@h3/)
    expect(lineOf(lines, 'h1')).toMatch(/^h1 +1 +has what it had before/)
    expect(lineOf(lines, 'h3')).toMatch(/^h3 +1 +failed at health: /)
    expect(lineOf(lines, 'h20')).toMatch(/^h20 +5 +has what it had before/)
    expect(next).toContain('yard deploy --env staging')
  })

  test('with --on-failure continue seventeen are live, three keep what they had, and that is told', async () => {
    const world = await unwellFleet()
    world.machine('h20').away = 'no route to it'

    const report = await deploy(world.needs(), {...wanted, onFailure: 'continue'})

    expect(report).toMatchObject({outcome: 'partial', release: 2})
    expect(report.failedHosts?.map(({host}) => host).sort()).toEqual([...bad].sort())
    expect(world.running().map((line) => line.replace(/^.*-r(\d+)@/, 'r$1 '))).toEqual(
      names.map((name) => `${isBad(name) ? 'r1' : 'r2'} ${name}`),
    )
    expectNeverLess(world, 'continue')
    expect(deployView(report)).toMatch(/17 of 20 hosts/)
    const {lines, next} = await shown(world)
    expect(lines[0]).toMatch(/^deploy 2 of hello to staging is live on 17 of 20 hosts/)
    expect(lineOf(lines, 'h2')).toMatch(/^h2 +1 +got hello-r2/)
    expect(lineOf(lines, 'h9')).toMatch(/^h9 +3 +failed.*: .*hello-r2@h9/)
    expect(lineOf(lines, 'h20')).toMatch(/^h20 +5 +failed.*: .*no route to it/)
    expect(next).toContain('yard deploy resume 2 --service hello --env staging')

    // Its three hosts are mended, and the line that it advises is run.
    world.machine('h20').away = undefined
    for (const name of bad) world.machine(name).behaviours.clear()
    const resumed = await resumeDeploy(world.needs(), resumption)
    expect(resumed).toMatchObject({outcome: 'live', release: 2})
    await expectOnlyRelease(world, 2, 'resumed')
    expectNeverLess(world, 'resumed')
    expect((await shown(world)).lines[0]).toMatch(/went live: hello-r2 got the traffic/)
  })

  test.each(['resume', 'abort'] as const)(
    'with --on-failure pause all stays as it is; %s ends it well',
    async (how) => {
      const world = await unwellFleet()

      const error = await failureOf(deploy(world.needs(), {...wanted, onFailure: 'pause'}))

      expect(error).toMatchObject({details: {paused: true}})
      const {lines, next} = await shown(world)
      expect(lines[0]).toMatch(/^deploy 2 of hello to staging is paused at health: /)
      expect(lineOf(lines, 'h1')).toMatch(/^h1 +1 +new instances are ready, without traffic/)
      expect(lineOf(lines, 'h5')).toMatch(/^h5 +2 +/)
      expect(next).toEqual(
        ['resume', 'abort'].map((verb) => `yard deploy ${verb} 2 --service hello --env staging`),
      )

      for (const name of bad) world.machine(name).behaviours.clear()
      if (how === 'resume') await resumeDeploy(world.needs(), resumption)
      else await abortDeploy(world.needs(), second)
      await expectOnlyRelease(world, how === 'resume' ? 2 : 1, how)
      expectNeverLess(world, how)
    },
  )
})

const names = Array.from({length: 20}, (_, index) => `h${index + 1}`)

function isBad(name: string): boolean {
  return (bad as readonly string[]).includes(name)
}

async function unwellFleet(): Promise<FleetWorld> {
  const world = await liveFleet(20)
  for (const name of bad) world.machine(name).behaviours.set(2, {status: 500})
  return world
}

async function shown(world: FleetWorld): Promise<{lines: string[]; next: string[]}> {
  const report = await showDeploy(world.needs(), second)
  return {lines: deployShowView(report, world.clock.now()).split('\n'), next: report.next}
}

function lineOf(lines: readonly string[], host: string): string {
  return lines.find((line) => line.startsWith(`${host} `)) ?? `no line tells of ${host}`
}
