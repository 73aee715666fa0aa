import {afterAll, beforeAll, expect, test} from '@jest/globals'

import {describeOnPracticeFleet, type PracticeHost} from '../../support/practice-fleet/index.js'
import {FaultWorld} from './fault-world.js'

/** With which no release gets there, and how that is told. */
const faults: [string, {fault: (host: PracticeHost) => Promise<unknown>; told: RegExp}][] = [
  ['is full', {fault: fillDisk, told: /the disk that holds \/srv\/yard there is full/}],
  [
    'has no inode left',
    {
      fault: (host) => host.smallDisk('/srv/yard', {kilobytes: 100_000, files: 1}),
      told: /it needs \d+ files more, and the disk has room for 1/,
    },
  ],
  ['is read-only', {fault: (host) => host.readOnly('/srv/yard'), told: /[Rr]ead-only/}],
]

describeOnPracticeFleet('a deploy while the disk of a host', {hosts: 2}, (fleet) => {
  let world: FaultWorld

  beforeAll(async () => {
    world = await FaultWorld.start(fleet())
  })
  afterAll(() => world.stop())

  test.each(faults)(
    '%s all of a sudden: it is named, all keep what they had, no request is lost, and the advised line mends it',
    async (_, {fault, told}) => {
      const {live = 0} = await world.truth()
      const second = fleet().hosts[1]!
      world.startLoad()

      const {code, stderr} = await world.deployHeld(() => fault(second))

      expect([code, stderr]).toEqual([1, expect.stringContaining(second.name)])
      expect(stderr).toMatch(told)
      const shown = await world.shown()
      expect(shown).toMatch(/^deploy \d+ of sturdy to practice failed at unpack: fleet-2/)
      expect(shown).toMatch(told)
      expect(shown).toMatch(/^fleet-1 1 has what it had before$/m)
      expect(shown).toMatch(/^fleet-2 \d failed at unpack: .*; has what it had before$/m)
      expect((await world.truth()).live).toBe(live)
      await fleet().recover()
      await world.take(shown, 'yard deploy --env')
      expect(await world.lost()).toEqual({})
      await world.isSettled()
      await world.agrees()
      expect((await world.truth()).live).toBeGreaterThan(live)
    },
  )
})

async function fillDisk(host: PracticeHost): Promise<void> {
  await host.smallDisk('/srv/yard', {kilobytes: 64})
  await host.sh('cat /dev/zero > /srv/yard/filled 2>/dev/null || true')
}
