import {afterAll, beforeAll, expect, test} from '@jest/globals'

import {describeOnPracticeFleet} from '../../support/practice-fleet/index.js'
import {freePort} from '../../support/free-port.js'
import {listening} from '../support/catalog-places.js'
import {type Ended} from '../support/sandbox.js'
import {FaultWorld} from './fault-world.js'

describeOnPracticeFleet('a deploy to a fleet with others at work', {hosts: 2}, (fleet) => {
  let world: FaultWorld

  beforeAll(async () => {
    world = await FaultWorld.start(fleet())
  }, 180_000)
  afterAll(() => world.stop(), 60_000)

  test('others that deploy meanwhile, to all hosts or to some, are told who is at work, and change nothing', async () => {
    const {live = 0} = await world.truth()
    world.startLoad()
    let others: Promise<Ended[]> | undefined

    const first = await world.deployWhile({
      at: 'batch 1 of 2',
      fault: () => (others = Promise.all([world.deploy(), world.deploy('--hosts', 'fleet-2')])),
    })

    expect(first.code).toBe(0)
    for (const {code, stderr} of (await others) ?? []) {
      expect([code, stderr]).toEqual([3, expect.stringContaining('E_LOCKED')])
    }
    expect(await world.lost()).toEqual({})
    await world.isSettled()
    expect((await world.truth()).live).toBe(live + 1)
  }, 120_000)

  test('HAProxy is reloaded again and again while the old instances drain', async () => {
    world.startLoad()
    const ended = await world.deployWhile({
      at: 'Drain and stop',
      fault: async (hosts) => {
        for (let round = 0; round < 3; round++) {
          await Promise.all(hosts.map((host) => host.run('systemctl', 'reload', 'yard-haproxy.service')))
        }
      },
    })

    expect(ended).toMatchObject({code: 0})
    expect(await world.lost()).toEqual({})
    await world.isSettled()
  }, 120_000)

  test('an old instance that ignores SIGTERM is ended all the same', async () => {
    world.service.configure({mode: 'ignores-sigterm', stable: '200ms'})
    await world.mustDeploy()
    world.service.configure({stable: '200ms'})
    world.startLoad()

    await world.mustDeploy()

    expect(await world.lost()).toEqual({})
    await world.isSettled()
  }, 120_000)

  test('where the catalog goes away in the middle no request is lost, and the next deploy ends well', async () => {
    const {sandbox} = world
    const {token} = await sandbox.json<{token: string}>(['tokens', 'create', 'test', '--role', 'admin'])
    const port = await freePort()
    const server = sandbox.start(['serve', '--listen', `127.0.0.1:${port}`])
    await listening(server)
    world.startLoad()

    const ended = await world.deployWhile({
      at: 'batch 2 of 2',
      fault: async () => server.kill('SIGKILL'),
      variables: {YARD_CATALOG: `http://127.0.0.1:${port}`, YARD_TOKEN: token},
    })

    expect(ended.code).not.toBe(0)
    await world.mustDeploy()
    expect(await world.lost()).toEqual({})
    await world.isSettled()
  }, 180_000)
})
