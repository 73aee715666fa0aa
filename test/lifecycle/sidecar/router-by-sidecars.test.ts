import {beforeEach, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type Agent} from '../../../src/domain/instance.js'
import {RouterBySidecars} from '../../../src/lifecycle/sidecar/router-by-sidecars.js'
import {aHost, anAgent} from '../../fakes/records.js'
import {SimulatedClock} from '../../fakes/simulated-clock.js'

const environment = 'staging'
let catalog: Catalog
let clock: SimulatedClock
let router: RouterBySidecars

beforeEach(async () => {
  catalog = new Catalog(new MemoryStore())
  clock = new SimulatedClock()
  router = new RouterBySidecars({catalog, clock})
  for (const name of ['web-1', 'web-2'])
    await catalog.store.transact([], [catalog.hosts.put(keys.host(environment, name), aHost({name}))])
})

async function say(host: string, agent: Partial<Agent>): Promise<void> {
  const record = anAgent({host, ...agent})
  await catalog.store.transact([], [catalog.agents.put(keys.agent(environment, host), record)])
}

test('returns once every host follows that revision or a later one', async () => {
  await say('web-1', {appliedRevision: 8})
  await say('web-2', {appliedRevision: 6})
  clock.surroundings = async () => {
    if (clock.monotonicMillis() > 1_000) await say('web-2', {appliedRevision: 7})
  }
  expect(await router.makeLive(environment, 7, {timeoutMillis: 30_000})).toEqual([
    {host: 'web-1', isLive: true, appliedRevision: 8},
    {host: 'web-2', isLive: true, appliedRevision: 7},
  ])
  expect(clock.monotonicMillis()).toBeLessThan(2_000)
})

test('when the time is over, says where each host is and why', async () => {
  await say('web-1', {appliedRevision: 7})
  await say('web-2', {appliedRevision: 3, problem: 'no space left on the disk'})
  const hosts = await router.makeLive(environment, 7, {timeoutMillis: 5_000})
  expect(hosts[1]).toEqual({
    host: 'web-2',
    isLive: false,
    appliedRevision: 3,
    problem: 'no space left on the disk',
  })
  expect(clock.monotonicMillis()).toBeGreaterThanOrEqual(5_000)
})

test('a sidecar that is gone for longer than its lease is not waited for', async () => {
  await say('web-1', {appliedRevision: 7})
  const hosts = await router.makeLive(environment, 7, {timeoutMillis: 600_000})
  expect(hosts[1]).toEqual({host: 'web-2', isLive: false, problem: 'no sidecar tells of itself there'})
  expect(clock.monotonicMillis()).toBeLessThan(17_000)
})

test('one that comes back within its lease is waited for', async () => {
  await say('web-1', {appliedRevision: 7})
  clock.surroundings = async () => {
    if (clock.monotonicMillis() > 14_000) await say('web-2', {appliedRevision: 7})
  }
  expect((await router.makeLive(environment, 7, {timeoutMillis: 600_000})).every(({isLive}) => isLive)).toBe(
    true,
  )
})

test('whoever calls it off is heard', async () => {
  const stop = new AbortController()
  stop.abort(new Error('stopped'))
  const options = {timeoutMillis: 1_000, signal: stop.signal}
  await expect(router.makeLive(environment, 7, options)).rejects.toThrow('stopped')
})
