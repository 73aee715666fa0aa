import {afterAll, beforeAll, expect, test} from '@jest/globals'

import {describeOnPracticeFleet} from '../../support/practice-fleet/index.js'
import {FaultWorld} from './fault-world.js'

describeOnPracticeFleet('a deploy to a fleet on which', {hosts: 2}, (fleet) => {
  let world: FaultWorld

  beforeAll(async () => {
    world = await FaultWorld.start(fleet())
  })
  afterAll(() => world.stop())

  test('somebody else takes its port before it starts: who listens is told, and the advised line mends it', async () => {
    const {live = 0} = await world.truth()
    world.startLoad()

    const {code, stderr} = await world.deployHeld((hosts) => hosts[1]!.takePorts(21_000, 28_999))

    expect([code, stderr]).toEqual([1, expect.stringContaining('EADDRINUSE')])
    const shown = await world.shown()
    expect(shown).toMatch(/^deploy \d+ of sturdy to practice failed at health: .*@fleet-2/)
    expect(shown).toMatch(/another process listens on its port 2\d{4}/)
    expect(shown).toMatch(/^fleet-2 2 failed at health: .*; has what it had before$/m)
    expect((await world.truth()).live).toBe(live)
    await fleet().recover()
    await world.take(shown, 'yard deploy --env')
    expect(await world.lost()).toEqual({})
    await world.isSettled()
    await world.agrees()
  })

  test('it crashes after two seconds: how it ended is told, and nobody ever got it', async () => {
    const {live = 0} = await world.truth()
    world.service.configure({mode: 'dies-later', stable: '3s'})
    world.startLoad()

    const {code, stderr} = await world.deployChange()

    expect([code, stderr]).toEqual([1, expect.stringContaining('ended by itself with exit 9')])
    const shown = await world.shown()
    expect(shown).toMatch(
      /^deploy \d+ of sturdy to practice failed at health: .* ended by itself with exit 9/,
    )
    expect(shown).toMatch(/^fleet-1 1 failed at health: .* exit 9; has what it had before$/m)
    expect(shown).toMatch(/^fleet-2 2 has what it had before$/m)
    expect((await world.truth()).live).toBe(live)
    world.service.configure({stable: '200ms'})
    world.service.commit('does not crash')
    await world.take(shown, 'yard deploy --env')
    expect(await world.lost()).toEqual({})
    await world.isSettled()
    await world.agrees()
  })

  test('the clock of a host leaps ten minutes ahead: it ends well, and the next one warns of that', async () => {
    world.startLoad()

    const {code} = await world.deployHeld((hosts) => hosts[1]!.clockAhead(600))
    const next = await world.deployChange()

    expect([code, next.code]).toEqual([0, 0])
    expect(next.stderr).toMatch(/the clock of fleet-2 is \d{3} s ahead/)
    expect(await world.shown()).toMatch(/went live[^]*^fleet-2 2 got sturdy-r\d+$/m)
    await fleet().recover()
    expect(await world.lost()).toEqual({})
    await world.isSettled()
  })
})
