import {expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {localEnvironment, localHostName} from '../../../src/domain/environment.js'
import {HostFollower} from '../../../src/lifecycle/supervise/host-follower.js'
import {FakeHostRouter} from '../../fakes/host-router.js'
import {FakeProcessManager} from '../../fakes/process-manager.js'
import {SimulatedClock} from '../../fakes/simulated-clock.js'

test('what a reload would tidy up in HAProxy waits until nothing has changed for a while', async () => {
  const clock = new SimulatedClock()
  const router = new FakeHostRouter()
  const follower = new HostFollower(
    {
      catalog: new Catalog(new MemoryStore()),
      processes: new FakeProcessManager(),
      router,
      artifacts: {releaseDirectory: () => '/releases'},
      openSecrets: async () => ({}),
      clock,
      report: () => undefined,
    },
    {
      environment: localEnvironment(7070),
      host: localHostName,
      pid: 42,
      routerProcess: 'haproxy',
      supervisorProcess: 'supervisor',
    },
  )
  const followAfter = async (millis: number, how: 'unchanged' | 'runtime') => {
    await clock.sleep(millis)
    router.outcome = {how, owesReload: true}
    await follower.follow()
    return router.options.at(-1)?.tidiesUp
  }
  router.outcome = {owesReload: true}
  await follower.follow()

  expect(await followAfter(5_000, 'runtime')).toBe(false)
  expect(await followAfter(9_000, 'unchanged')).toBe(false)
  expect(await followAfter(2_000, 'unchanged')).toBe(true)
})
