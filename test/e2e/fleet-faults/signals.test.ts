import {existsSync, rmSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterAll, beforeAll, expect, test} from '@jest/globals'

import {describeOnPracticeFleet} from '../../support/practice-fleet/index.js'
import {eventually} from '../support/sandbox.js'
import {FaultWorld} from './fault-world.js'

/** By when somebody else can deploy, once there is nothing left to put back. */
const freeMillis = 2_000
const backAgain = 'everything is as it was before'

/** What a deploy to two hosts has said when it is told to stop, and the steps that it may be in by then. */
const signals: [NodeJS.Signals, string, RegExp][] = [
  ['SIGHUP', 'check|unpack', /Make a release/],
  ['SIGINT', 'health|move', /Start .*batch 1 of 2/],
  ['SIGTERM', 'smoke|drain', /Move .*batch 2 of 2/],
]

describeOnPracticeFleet('a deploy to a fleet that is told to stop', {hosts: 2}, (fleet) => {
  let world: FaultWorld

  beforeAll(async () => {
    world = await FaultWorld.start(fleet())
  })
  afterAll(() => world.stop())

  test.each(signals)(
    'D1 by %s in the step %s puts all back and gives its lock back at once, whatever its hooks do',
    async (signal, step, at) => {
      const {live} = await world.truth()
      const [began, ended] = slowHook(world)
      world.startLoad()
      let [toldAt, freeAt] = [0, 0]

      const {code, stderr} = await world.deployWhile({
        at,
        fault: async (_, child) => {
          let told = ''
          child.stderr?.on('data', (chunk: Buffer) => {
            told += chunk.toString()
            if (told.includes(backAgain) && toldAt === 0) toldAt = Date.now()
          })
          child.kill(signal)
          const isFree = async () => ((await world.isLocked()) ? undefined : true)
          await eventually('the lock is free', isFree, 120_000)
          freeAt = Date.now()
          expect(existsSync(ended)).toBe(false)
        },
      })

      expect([code, stderr]).toEqual([130, expect.stringContaining(backAgain)])
      expect(freeAt - toldAt).toBeLessThan(freeMillis)
      expect([existsSync(began), existsSync(ended)]).toEqual([true, true])
      expect(await world.lost()).toEqual({})
      expect((await world.truth()).live).toBe(live)
      const shown = await world.shown()
      expect(shown).toMatch(
        new RegExp(`sturdy to practice was interrupted at (${step}): (Ctrl-C|SIGHUP|SIGTERM) was received`),
      )
      await world.take(shown, 'yard deploy resume')
      expect((await world.truth()).live).toBeGreaterThan(live ?? 0)
      await world.isSettled()
    },
  )
})

/** Has the platform file ask for a hook on failure that takes its time. Returns the files that it makes, first and last. */
function slowHook(world: FaultWorld): [string, string] {
  const files = ['began', 'ended'].map((name) => path.join(world.sandbox.home, `hook-${name}`))
  const [began, ended] = files as [string, string]
  for (const file of files) rmSync(file, {force: true})
  const line = `touch ${began}; sleep 3; touch ${ended}`
  const text = `environments: {practice: {}}\nhooks: {onFailure: [${JSON.stringify(line)}]}\n`
  writeFileSync(path.join(world.sandbox.home, 'yard.yaml'), text)
  return [began, ended]
}
