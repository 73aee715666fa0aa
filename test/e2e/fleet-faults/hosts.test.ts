import {afterAll, beforeAll, expect, test} from '@jest/globals'

import {describeOnPracticeFleet, type PracticeHost} from '../../support/practice-fleet/index.js'
import {FaultWorld} from './fault-world.js'

type Fault = (host: PracticeHost) => Promise<unknown>

/** What is done to the second of three hosts, and whether its own requests may be lost by that. */
const faultsInTheMiddle: [string, {fault: Fault; losesItsOwn: boolean}][] = [
  ['its SSH server and all sessions are killed', {fault: (host) => host.killSsh(), losesItsOwn: false}],
  ['its SSH server hangs', {fault: (host) => host.freezeSsh(), losesItsOwn: false}],
]

/** With which no release gets there. */
const faultsOfDisks: [string, Fault][] = [
  ['is full', fillDisk],
  ['has no inode left', (host) => host.smallDisk('/srv/yard', {files: 1})],
  ['is read-only', (host) => host.readOnly('/srv/yard')],
]

describeOnPracticeFleet('a deploy while something happens to a host', {hosts: 3}, (fleet) => {
  let world: FaultWorld

  beforeAll(async () => {
    world = await FaultWorld.start(fleet())
  }, 180_000)
  afterAll(() => world.stop(), 60_000)

  test.each(faultsOfDisks)(
    'whose disk %s: nothing is changed anywhere, no request is lost, and it is named',
    async (_, fault) => {
      const {live} = await world.truth()
      const second = fleet().hosts[1]!
      await fault(second)
      world.startLoad()

      const {code, stderr} = await world.deployChange()

      expect([code, stderr]).toEqual([1, expect.stringContaining(second.name)])
      await fleet().recover()
      expect(await world.lost()).toEqual({})
      await world.isSettled()
      expect((await world.truth()).live).toBe(live)
    },
    120_000,
  )

  test.each(faultsInTheMiddle)(
    'when %s in the middle, the others lose nothing, and the next deploy ends well',
    async (_, {fault, losesItsOwn}) => {
      const second = fleet().hosts[1]!
      world.startLoad()
      const ended = await world.deployWhile({
        at: 'batch 1 of 3',
        flags: ['--batch', '1'],
        fault: () => fault(second),
      })
      expect([0, 1]).toContain(ended.code)
      await fleet().recover()
      await world.mustDeploy()
      expect(await world.lost(...(losesItsOwn ? [second.name] : []))).toEqual({})
      await world.isSettled()
    },
    240_000,
  )
})

async function fillDisk(host: PracticeHost): Promise<void> {
  await host.smallDisk('/srv/yard', {kilobytes: 64})
  await host.sh('cat /dev/zero > /srv/yard/filled 2>/dev/null || true')
}
