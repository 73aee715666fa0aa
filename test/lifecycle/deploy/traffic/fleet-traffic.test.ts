import {beforeEach, expect, test} from '@jest/globals'

import {keys} from '../../../../src/catalog/keys.js'
import {type HostRouting, type Router} from '../../../../src/contracts/router.js'
import {FleetTraffic} from '../../../../src/lifecycle/deploy/traffic/fleet-traffic.js'
import {FleetWorld} from '../../../fakes/fleet-world.js'

let world: FleetWorld
let pushes: string[]
let away: Set<string>

beforeEach(async () => {
  world = await new FleetWorld({hosts: 4}).open()
  pushes = []
  away = new Set()
})

function traffic(): FleetTraffic {
  const routerByPush = (hosts: readonly string[]): Router => ({
    makeLive: async (_environment, revision, {timeoutMillis}) => {
      pushes.push(`${hosts.join(',')} ${timeoutMillis}`)
      return hosts.map((host): HostRouting => ({host, isLive: !away.has(host), appliedRevision: revision}))
    },
  })
  const {catalog, clock} = world
  return new FleetTraffic(
    {catalog, clock, routerByPush, askRouter: async () => async () => undefined},
    'staging',
  )
}

async function plantSidecar(host: string, appliedRevision: number): Promise<void> {
  const agent = world.catalog.agents.put(keys.agent('staging', host), {
    v: 1,
    host,
    pid: 1,
    startedAt: '2026-11-20T12:00:00.000Z',
    appliedRevision,
    haproxyVersion: '2.6.12',
    skipped: [],
  })
  await world.catalog.commit('test', [], [agent])
}

test('where a sidecar is at work it is waited for, and the others are pushed to', async () => {
  await plantSidecar('h2', 90)

  const hosts = await traffic().makeLive('staging', 80, {timeoutMillis: 5_000})

  expect(pushes).toEqual(['h1,h3,h4 5000'])
  expect(hosts.map(({host, isLive}) => `${host} ${isLive}`).sort()).toEqual([
    'h1 true',
    'h2 true',
    'h3 true',
    'h4 true',
  ])
})

test('a sidecar that is behind is told of with what it follows', async () => {
  for (const host of ['h1', 'h2', 'h3', 'h4']) await plantSidecar(host, host === 'h3' ? 70 : 90)

  const hosts = await traffic().makeLive('staging', 80, {timeoutMillis: 1_000})

  expect(hosts.filter(({isLive}) => !isLive)).toMatchObject([
    {host: 'h3', problem: 'it follows revision 70 so far'},
  ])
  expect(pushes).toEqual([])
})

test('a host that nobody waits for gets one attempt, after the others, and none any more once it failed', async () => {
  away.add('h4')
  const one = traffic()
  const options = {timeoutMillis: 5_000, notAwaited: ['h4']}

  await one.makeLive('staging', 80, options)
  const hosts = await one.makeLive('staging', 81, options)

  expect(pushes).toEqual(['h1,h2,h3 5000', 'h4 0', 'h1,h2,h3 5000'])
  expect(hosts.at(-1)).toMatchObject({host: 'h4', isLive: false})
})

test('a host that can not be asked sends nobody anything', async () => {
  const {catalog, clock} = world
  const askRouter = () => Promise.reject(new Error('no route'))
  const routerByPush = (): Router => ({makeLive: async () => []})
  const one = new FleetTraffic({catalog, clock, routerByPush, askRouter}, 'staging')

  expect((await one.idle([])).size).toBe(0)
  expect((await one.answers([])).size).toBe(0)
})
