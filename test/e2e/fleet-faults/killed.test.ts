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
  }, 180_000)
  afterAll(() => world.stop(), 60_000)

  for (const [place, step] of steps.entries()) {
    const [one, other] = place % 2 === 0 ? ['before', 'after'] : ['after', 'before']

    test(`D2 ${one} ${step}: it is resumed, and no request is lost`, async () => {
      const {live} = await world.truth()
      world.startLoad()
      const {deploy} = await world.deployKilledAt(`${step}:${one}:kill`)

      await world.finish('resume', deploy)

      expect(await world.lost()).toEqual({})
      await world.isSettled()
      expect((await world.truth()).live).toBeGreaterThan(live ?? 0)
    }, 120_000)

    test(`D2 ${other} ${step}: it is aborted, no request is lost, and the release before it serves`, async () => {
      const {live} = await world.truth()
      world.startLoad()
      const {deploy} = await world.deployKilledAt(`${step}:${other}:kill`)

      await world.finish('abort', deploy)

      expect(await world.lost()).toEqual({})
      await world.isSettled()
      expect((await world.truth()).live).toBe(live)
    }, 120_000)
  }
})
