import {describe, expect, test} from '@jest/globals'

import {Catalog} from '../../../src/catalog/catalog.js'
import {YardError} from '../../../src/errors.js'
import {deploy, type DeployNeeds} from '../../../src/lifecycle/deploy.js'
import {abortDeploy} from '../../../src/lifecycle/deploy/abort.js'
import {showDeploy} from '../../../src/lifecycle/deploy/journal/show.js'
import {resumeDeploy} from '../../../src/lifecycle/deploy/resume.js'
import {deployShowView} from '../../../src/terminal/deploy-show-view.js'
import {AwayStore} from '../../fakes/away-store.js'
import {type FleetWorld} from '../../fakes/fleet-world.js'
import {killAt} from '../../fakes/killing.js'
import {
  expectNeverLess,
  expectOnlyRelease,
  liveFleet,
  request,
  resumption,
  second,
} from '../../fakes/halfway.js'

/** What may become of the question that is under way when the catalog goes. */
const fates = ['it never arrives', 'the answer is lost'] as const

describe.each(fates)('a catalog that goes away at any place of a deploy (%s)', (fate) => {
  test('the error names it and the way on, and what was cut is resumed or aborted once it is back', async () => {
    for (let [place, isResumed] = [0, false]; ; place += 7, isResumed = !isResumed) {
      const world = await liveFleet(3)
      const ended = await deployUntilAway(world, place, fate)
      if (ended === undefined) break
      const {error, step} = ended

      expect([step, error.code, error.exitCode]).toEqual([step, 'E_CATALOG_UNREACHABLE', 4])
      const [deployed] = (await world.fleetDeploys()).slice(1)
      // It went before the attempt was known.
      if (deployed === undefined) continue
      const shown = await showDeploy(world.needs(), second)
      if (deployed.outcome === 'running') {
        expect([step, shown.state, shown.next[0]]).toEqual([
          step,
          'abandoned',
          'yard deploy resume 2 --service hello --env staging',
        ])
        expect(deployShowView(shown, world.clock.now())).toMatch(
          /^deploy 2 of hello to staging was abandoned .*: whoever was at work on it was killed, or lost the catalog$/m,
        )
        if (isResumed) await resumeDeploy(world.needs(), resumption)
        else await abortDeploy(world.needs(), second)
        const [, ended] = await world.fleetDeploys()
        expect([step, ended?.outcome]).toEqual([step, isResumed ? 'live' : 'aborted'])
        await expectOnlyRelease(world, isResumed ? (ended?.release ?? 0) : 1, step)
      }
      expectNeverLess(world, step)
    }
  })
})

test('a catalog that was away for a moment: all is put back, and that is what the deploy says', async () => {
  const world = await liveFleet(3)
  const store = new AwayStore(world.catalog.store)
  const failpoint = async (step: string, moment: string) => {
    if (step !== 'move' || moment !== 'after') return
    store.isAway = true
    store.onRefused = () => (store.isAway = false)
  }

  const error = await deploy(world.needs({catalog: new Catalog(store), failpoint}), request).catch(asError)

  expect(error).toMatchObject({code: 'E_DEPLOY_FAILED', exitCode: 1})
  await expectOnlyRelease(world, 1, 'move after')
  expect((await showDeploy(world.needs(), second)).state).toBe('failed')
})

test('hosts whose traffic moved before anybody could say so are told from those that wait', async () => {
  const world = await liveFleet(3)
  const place = await killAt(world, 'move written', (needs) => deploy(needs, request))
  expect(place).toBe('move written')

  const lines = deployShowView(await showDeploy(world.needs(), second), world.clock.now()).split('\n')

  expect(lines).toContainEqual(expect.stringMatching(/^h1 +1 +hello-r2 has its traffic/))
  expect(lines).toContainEqual(expect.stringMatching(/^h2 +2 +has the files, runs nothing of it yet/))
})

/** Has a deploy lose its catalog at the nth question that it asks. Undefined when it was over before. */
async function deployUntilAway(
  world: FleetWorld,
  place: number,
  fate: (typeof fates)[number],
): Promise<{error: YardError; step: string} | undefined> {
  const store = new AwayStore(world.catalog.store)
  let step = 'before its first step'
  const needs: DeployNeeds = world.needs({
    catalog: new Catalog(store),
    failpoint: async (at, moment) => void (step = `${at} ${moment}`),
  })
  store.goesAt(place, {isDone: fate === 'the answer is lost'})
  const outcome = await deploy(needs, request).then(() => undefined, asError)
  world.dead.add(needs.identity.pid)
  if (!store.isAway) {
    expect(outcome).toBeUndefined()
    return undefined
  }
  // It went while the lock was given back: all was over.
  if (outcome === undefined) return undefined
  return {error: outcome, step: `${place}: ${step}`}
}

function asError(error: unknown): YardError {
  if (error instanceof YardError) return error
  throw error
}
