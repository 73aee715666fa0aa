import {afterAll, beforeAll, expect, test} from '@jest/globals'

import {plannedSteps} from '../../../src/domain/planned-steps.js'
import {defaultStrategy} from '../../../src/domain/strategy.js'
import {describeOnPracticeFleet} from '../../support/practice-fleet/index.js'
import {FaultWorld} from './fault-world.js'

/** Those that do something on hosts, or with their traffic; the others are killed on `local`: see ../killed-deploy.test.ts. */
const steps = plannedSteps({kind: 'hosts', strategy: defaultStrategy, batches: 1})
  .map(({step}) => step)
  .filter((step) => !['recover', 'build', 'release', 'prepare'].includes(step))

describeOnPracticeFleet('yard deploy to a fleet, killed with SIGKILL', {hosts: 2}, (fleet) => {
  let world: FaultWorld

  beforeAll(async () => {
    world = await FaultWorld.start(fleet())
  })
  afterAll(() => world.stop())

  for (const [place, step] of steps.entries()) {
    const [one, other] = place % 2 === 0 ? ['before', 'after'] : ['after', 'before']

    test(`D2 ${one} ${step}: it is resumed, and no request is lost`, async () => {
      const {live} = await world.truth()
      world.startLoad()
      const shown = await world.deployKilledAt(`${step}:${one}:kill`)
      expect(shown).toMatch(cutAt(step, one))

      await world.take(shown, 'yard deploy resume')

      expect(await world.lost()).toEqual({})
      await world.isSettled()
      expect((await world.truth()).live).toBeGreaterThan(live ?? 0)
    })

    test(`D2 ${other} ${step}: it is aborted, no request is lost, and the release before it serves`, async () => {
      const {live} = await world.truth()
      world.startLoad()
      const shown = await world.deployKilledAt(`${step}:${other}:kill`)
      expect(shown).toMatch(cutAt(step, other))

      await world.take(shown, 'yard deploy abort')

      expect(await world.lost()).toEqual({})
      await world.isSettled()
      expect((await world.truth()).live).toBe(live)
    })
  }
})

/** What is told of a deploy that was killed there. */
function cutAt(step: string, moment: string): RegExp {
  const isIn = moment === 'before' ? `(?!${step}\\b)` : `${step}\\b`
  return new RegExp(
    `^deploy \\d+ of sturdy to practice was abandoned after the step ${isIn}.*: whoever was at work`,
    'm',
  )
}
