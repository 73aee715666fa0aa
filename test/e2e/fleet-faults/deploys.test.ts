import http from 'node:http'

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
  })
  afterAll(() => world.stop())

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
    expect(await world.shown()).toContain(`went live: sturdy-r${live + 1} got the traffic`)
  })

  test('D6 HAProxy is reloaded in the middle of a drain: nothing new gets to the old instances, and they finish what they have', async () => {
    const {live: old = 0} = await world.truth()
    world.startLoad()
    const held = fleet().hosts.map(({address}) => holdRequest(address))
    const during: string[] = []

    const ended = await world.deployWhile({
      at: 'Run its smoke tests',
      flags: ['--ws-grace', '60s'],
      fault: async (hosts, yard) => {
        for (let round = 0; round < 3; round++) {
          await Promise.all(hosts.map((host) => host.run('systemctl', 'reload', 'yard-haproxy.service')))
          for (const {address} of hosts) during.push(...(await releasesAt(address, 10)))
        }
        during.push(yard.exitCode === null ? 'still drains' : 'ended before')
        for (const request of held) request.end()
      },
    })

    expect(ended).toMatchObject({code: 0})
    expect([...new Set(during)]).toEqual([`sturdy-r${old + 1}`, 'still drains'])
    for (const {answer} of held) expect(await answer).toBe(`200 sturdy-r${old}`)
    expect(await world.lost()).toEqual({})
    await world.isSettled()
    expect(await world.shown()).toContain(`went live: sturdy-r${old + 1} got the traffic`)
  })

  test('an old instance that ignores SIGTERM is ended all the same, and that is told', async () => {
    world.service.configure({mode: 'ignores-sigterm', stable: '200ms'})
    await world.mustDeploy()
    world.service.configure({stable: '200ms'})
    world.startLoad()

    const {code, stderr} = await world.deployChange()

    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('ignored SIGTERM for 2 s, and had to be killed'),
    ])
    expect(await world.shown()).toMatch(
      /killed +sturdy-r\d+@fleet-1, sturdy-r\d+@fleet-2: SIGTERM did not end it/,
    )
    expect(await world.lost()).toEqual({})
    await world.isSettled()
  })

  test('where yard serve goes away in the middle no request is lost, and the deploy says how to go on or back', async () => {
    const {sandbox} = world
    const {live} = await world.truth()
    const {token} = await sandbox.json<{token: string}>(['tokens', 'create', 'test', '--role', 'admin'])
    const port = await freePort()
    const server = sandbox.start(['serve', '--listen', `127.0.0.1:${port}`])
    await listening(server)
    world.startLoad()

    const ended = await world.deployWhile({
      at: /Start .*batch 2 of 2/,
      fault: async () => server.kill('SIGKILL'),
      variables: {YARD_CATALOG: `http://127.0.0.1:${port}`, YARD_TOKEN: token},
    })

    expect([ended.code, ended.stderr]).toEqual([4, expect.stringContaining('E_CATALOG_UNREACHABLE')])
    expect(ended.stderr).toMatch(/yard deploy show \d+ --service sturdy --env practice {3}# once the catalog/)
    const shown = await world.shown()
    expect(shown).toMatch(
      /was abandoned (in|after) the step (start|health|move) 2: whoever was at work on it was killed, or lost/,
    )
    expect(shown).toMatch(/fleet-1 1 sturdy-r\d+ has its traffic/)
    await world.take(shown, 'yard deploy abort')
    expect(await world.lost()).toEqual({})
    await world.isSettled()
    expect((await world.truth()).live).toBe(live)
  })
})

/** A request that is under way until it is ended. `answer` says its status and the release that answered. */
function holdRequest(address: string): {end: () => void; answer: Promise<string>} {
  const headers = {'Yard-Service': 'sturdy', 'Transfer-Encoding': 'chunked'}
  const request = http.request({host: address, port: 7070, method: 'POST', path: '/', headers, agent: false})
  const answer = new Promise<string>((resolve) => {
    request.on('error', (error) => resolve(error.message))
    request.on('response', (response) => {
      response.resume()
      resolve(`${response.statusCode} ${String(response.headers['yard-release'])}`)
    })
  })
  request.write('more is to come')
  return {end: () => void request.end(), answer}
}

/** Who answers so many requests, one after the other. */
async function releasesAt(address: string, count: number): Promise<string[]> {
  const releases: string[] = []
  for (let asked = 0; asked < count; asked++) {
    const response = await fetch(`http://${address}:7070/`, {headers: {'Yard-Service': 'sturdy'}})
    await response.arrayBuffer()
    releases.push(response.headers.get('yard-release') ?? `status ${response.status}`)
  }
  return releases
}
