import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {SystemClock} from '../../../src/adapters/clock-system/index.js'
import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type Report, type YardEvent} from '../../../src/contracts/report.js'
import {localEnvironment, localHostName} from '../../../src/domain/environment.js'
import {type Instance, type InstanceStatus} from '../../../src/domain/instance.js'
import {supervise} from '../../../src/lifecycle/supervise/supervise.js'
import {fakeIdentity} from '../../fakes/identity.js'
import {FakeProcessManager} from '../../fakes/process-manager.js'
import {aBinding, anInstance, aRelease, aService} from '../../fakes/records.js'
import {FakeHostRouter} from '../../fakes/host-router.js'

const environment = localEnvironment(7070)

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 5_000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error('it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

describe('supervise', () => {
  let catalog: Catalog
  let processes: FakeProcessManager
  let router: FakeHostRouter
  let stop: AbortController
  let events: YardEvent[]
  let running: Promise<unknown>

  const report: Report = (event) => events.push(event)

  beforeEach(async () => {
    catalog = new Catalog(new MemoryStore())
    processes = new FakeProcessManager()
    router = new FakeHostRouter()
    stop = new AbortController()
    events = []
    running = Promise.resolve()
    await catalog.commit(
      'seed',
      [],
      [
        catalog.services.put(keys.service('hello'), aService()),
        catalog.releases.put(keys.release('hello', 1), aRelease()),
      ],
    )
  })
  afterEach(async () => {
    stop.abort()
    await running.catch(() => undefined)
  })

  function start(): Promise<void> {
    const needs = {
      catalog,
      processes,
      router,
      artifacts: {releaseDirectory: (service: string, release: number) => `/releases/${service}/r${release}`},
      openSecrets: async () => ({}),
      clock: new SystemClock(),
      report,
      signal: stop.signal,
      identity: fakeIdentity(),
    }
    const settings = {
      environment,
      host: localHostName,
      pid: 42,
      routerProcess: 'haproxy',
      supervisorProcess: 'supervisor',
    }
    return new Promise((resolve, reject) => {
      running = supervise(needs, settings, resolve)
      running.catch(reject)
    })
  }

  async function write(instance: Instance): Promise<number> {
    return catalog.commit(
      'write',
      [],
      [catalog.instances.put(keys.instance('local', instance.service, instance.id), instance)],
    )
  }

  const statusOf = async (id: string): Promise<InstanceStatus | undefined> =>
    (await catalog.statuses.get(keys.status('local', id)))?.record
  const agent = async () => (await catalog.agents.get(keys.agent('local', localHostName)))?.record

  test('starts what the catalog wants, in the release directory, with a port and its labels', async () => {
    await write(anInstance())
    await start()

    expect(processes.specs.get('hello-r1@localhost')).toMatchObject({
      command: {line: 'node dist/main.js'},
      directory: '/releases/hello/r1',
      labels: {environment: 'local', service: 'hello', release: 'r1', process: 'web'},
      variables: {PORT: '21001', YARD_RELEASE: 'hello-r1'},
    })
    expect(await statusOf('hello-r1@localhost')).toMatchObject({running: 'running'})
  })

  test('routes the bound release, and says which revision it has applied', async () => {
    await start()
    await write(anInstance())
    const revision = await catalog.commit(
      'bind',
      [],
      [catalog.bindings.put(keys.binding('local', 'hello'), aBinding())],
    )
    await until(async () => ((await agent())?.appliedRevision ?? 0) >= revision || undefined)

    expect(router.models.at(-1)?.services).toMatchObject([
      {name: 'hello', servers: [{address: '127.0.0.1', port: 21_001, state: 'up'}]},
    ])
  })

  test('counts what serves here, by release, and leaves out what an operator disabled', async () => {
    await write(anInstance())
    await start()
    await until(async () => ((await agent())?.serving?.join() === 'hello-r1' ? true : undefined))

    await write(anInstance({state: 'disabled'}))
    await until(async () => ((await agent())?.serving?.length === 0 ? true : undefined))
  })

  test('a drained host gets no new requests, until it is enabled again', async () => {
    await write(anInstance())
    await catalog.commit('bind', [], [catalog.bindings.put(keys.binding('local', 'hello'), aBinding())])
    await start()
    const routed = (state: string) =>
      until(async () => (router.models.at(-1)?.services[0]?.servers[0]?.state === state ? true : undefined))
    await routed('up')

    const key = keys.hostDrain('local', localHostName)
    const since = '2026-11-20T12:00:00.000Z'
    const drain = {v: 1 as const, host: localHostName, environment: 'local', since, by: 'ada'}
    await catalog.commit('drain', [], [catalog.hostDrains.put(key, drain)])
    await routed('draining')
    await catalog.commit('enable', [], [{delete: key}])
    await routed('up')
  })

  test('stops what the catalog no longer wants, and takes its status off the board', async () => {
    const instance = anInstance()
    await write(instance)
    await start()
    await write({...instance, state: 'down'})

    await until(async () => processes.stops.includes(instance.id) || undefined)
    await until(async () => ((await statusOf(instance.id)) === undefined ? true : undefined))
  })

  test('a draining instance is drained once nothing is under way to it', async () => {
    router.connections = 3
    await write(anInstance({state: 'draining', drainUntil: '2999-01-01T00:00:00.000Z'}))
    await start()
    expect(await statusOf('hello-r1@localhost')).toMatchObject({drained: false})

    router.connections = 0
    await until(async () => (await statusOf('hello-r1@localhost'))?.drained || undefined)
  })

  test('a draining instance is drained when its time is over, whatever is under way', async () => {
    router.connections = 3
    await write(anInstance({state: 'draining', drainUntil: '2020-01-01T00:00:00.000Z'}))
    await start()
    expect(await statusOf('hello-r1@localhost')).toMatchObject({drained: true})
  })

  test('a bad record is named and left alone, and the others run', async () => {
    await write(anInstance())
    await catalog.store.transact([], [{put: `${keys.instances('local')}evil/x`, value: '{"v":9}'}])
    await start()
    expect(processes.starts).toEqual(['hello-r1@localhost'])
    expect((await agent())?.skipped.join()).toContain('evil/x')
  })

  test('an instance of a release that nobody knows is named as the problem', async () => {
    await write(anInstance({release: 9}))
    await start()
    expect((await agent())?.problem).toContain('hello-r9@localhost')
  })

  test('a router that refuses is the problem, and is tried again', async () => {
    await start()
    router.failure = new Error('no space left')
    await write(anInstance())
    await until(async () => ((await agent())?.problem === 'no space left' ? true : undefined))
    router.failure = undefined
    await until(async () => ((await agent())?.problem === undefined ? true : undefined))
    expect(events.filter(({kind}) => kind === 'warning')).toHaveLength(1)
  })

  test('ends what runs here when it is stopped, and leaves no lease behind', async () => {
    await write(anInstance())
    await start()
    stop.abort()
    await running
    expect(processes.stops).toEqual(['hello-r1@localhost'])
    expect(router.isStarted).toBe(false)
    expect(await agent()).toBeUndefined()
    expect((await catalog.instances.list(keys.instances('local'))).records).toHaveLength(1)
  })

  test('a second one is refused', async () => {
    await start()
    await expect(start()).rejects.toMatchObject({code: 'E_LOCKED'})
  })

  test('a process whose keeper was killed is looked after again at once', async () => {
    const instance = anInstance()
    await write(instance)
    await start()
    const present = processes.states.get(instance.id)
    if (present) processes.states.set(instance.id, {...present, state: 'stopped'})
    await until(async () => (processes.states.get(instance.id)?.state === 'running' ? true : undefined))
  })

  test('processes of a run before are taken over, and strangers are ended', async () => {
    await write(anInstance())
    for (const id of ['hello-r1@localhost', 'gone-r7@localhost', 'haproxy']) {
      processes.states.set(id, {id, state: 'running', pid: 7, since: new Date().toISOString(), restarts: 0})
    }
    await start()
    await until(async () => processes.stops.length > 0 || undefined)
    expect(processes.starts).toEqual([])
    expect(processes.stops).toEqual(['gone-r7@localhost'])
  })
})
