import {randomBytes} from 'node:crypto'

import {afterAll, beforeAll, expect, test} from '@jest/globals'

import {describeOnPracticeFleet} from '../../support/practice-fleet/index.js'
import {FaultWorld} from './fault-world.js'

/** Half a minute for a host that may only be slow, and some time for the others. */
const backMillis = 60_000

describeOnPracticeFleet('a deploy while the network', {hosts: 4}, (fleet) => {
  let world: FaultWorld

  beforeAll(async () => {
    world = await FaultWorld.start(fleet())
    world.service.edit('service.yaml', 'drain:', 'deploy: {batch: 4}\ndrain:')
  })
  afterAll(() => world.stop())

  test('loses three of four hosts in three ways: the fourth goes on, and the advised line brings it to all', async () => {
    world.startLoad()

    const {code, stderr} = await world.deployHeld(
      ([, silent, unplugged, off]) =>
        Promise.all([silent!.blackhole(), unplugged!.unplug(), off!.powerOff()]),
      '--on-failure',
      'continue',
    )

    expect([code, stderr]).toEqual([1, expect.stringContaining('fleet-4 is left out')])
    const shown = await world.shown()
    expect(shown).toMatch(/^deploy \d+ of sturdy to practice is live on 1 of 4 hosts/)
    expect(shown).toMatch(/^fleet-1 1 got sturdy-r\d+$/m)
    for (const name of ['fleet-2', 'fleet-3', 'fleet-4']) {
      const there = new RegExp(`^${name} 1 failed at unpack: .*${name}.*; has what it had before$`, 'm')
      expect(shown).toMatch(there)
    }
    await fleet().recover()
    await world.take(shown, 'yard deploy resume')
    const {'fleet-1': lostByOne = ''} = await world.lost()
    // Only what one of those was about to answer.
    expect(lostByOne).toMatch(/^$|no answer in 10 s/)
    await world.isSettled()
    await world.agrees()
  })

  test('goes half-open to a host in the middle: it is waited for once, all go back, and the advised line mends it', async () => {
    const {live = 0} = await world.truth()
    let began = 0
    world.startLoad()

    const {code} = await world.deployWhile({
      at: 'batch 1 of 4',
      flags: ['--batch', '1'],
      fault: (hosts) => {
        began = Date.now()
        return hosts[1]!.freezeSsh()
      },
    })

    expect(code).toBe(1)
    expect(Date.now() - began).toBeLessThan(backMillis)
    const [shown, processes] = await Promise.all([
      world.shown(),
      world.sandbox.yard(['ps', '--env', 'practice']),
    ])
    expect(shown).toMatch(/^deploy \d+ of sturdy to practice failed at \w+: .*fleet-2.*: it doesn't answer/)
    expect(shown).toMatch(/^fleet-1 1 has what it had before$/m)
    expect(shown).toMatch(/^fleet-2 2 failed at \w+: .*it doesn't answer.*; has what it had before$/m)
    expect(processes).toMatchObject({code: 1, stdout: expect.stringContaining("fleet-2 can't be asked")})
    expect((await world.truth()).live).toBe(live)
    await fleet().recover()
    await world.take(shown, 'yard deploy --env')
    expect(await world.lost()).toEqual({})
    await world.isSettled()
    await world.agrees()
  })

  test('is slow: the deploy takes its time and ends well', async () => {
    world.service.write('big.txt', randomBytes(750_000).toString('base64'))
    world.startLoad()

    const {code} = await world.deployHeld((hosts) => hosts[1]!.slowDown(2_000))

    expect(code).toBe(0)
    expect(await world.lost()).toEqual({})
    expect(await world.shown()).toMatch(/went live[^]*^fleet-2 1 got sturdy-r\d+$/m)
    await fleet().recover()
    await world.isSettled()
  })

  test('breaks all sessions to a host in the middle: it is used anew, or named and mended by the advised line', async () => {
    world.startLoad()

    const {code} = await world.deployWhile({
      at: 'batch 1 of 2',
      flags: ['--batch', '2'],
      fault: (hosts) => hosts[1]!.killSsh(),
    })

    const shown = await world.shown()
    if (code === 0) expect(shown).toMatch(/went live/)
    else {
      expect(shown).toMatch(/^deploy \d+ of sturdy to practice failed at \w+: .*fleet-2/)
      await world.take(shown, 'yard deploy --env')
    }
    expect(await world.lost()).toEqual({})
    await world.isSettled()
  })
})
