import {beforeEach, describe, expect, test} from '@jest/globals'

import {SystemClock} from '../../src/adapters/clock-system/index.js'
import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {localEnvironment} from '../../src/domain/environment.js'
import {type Agent} from '../../src/domain/instance.js'
import {down} from '../../src/lifecycle/down.js'
import {upDetached} from '../../src/lifecycle/up.js'
import {FakeProcessManager} from '../fakes/process-manager.js'

const environment = localEnvironment(7171)
const agent: Agent = {
  v: 1,
  host: 'localhost',
  pid: 4242,
  startedAt: '2026-11-20T12:00:00.000Z',
  appliedRevision: 1,
  haproxyVersion: '2.6.12',
  skipped: [],
}

describe('the local environment', () => {
  let catalog: Catalog
  let processes: FakeProcessManager
  let living: Set<number>
  const terminated: number[] = []

  beforeEach(() => {
    catalog = new Catalog(new MemoryStore())
    processes = new FakeProcessManager()
    living = new Set()
    terminated.length = 0
  })

  function needs() {
    return {
      catalog,
      processes,
      clock: new SystemClock(),
      report: () => undefined,
      signal: new AbortController().signal,
      isAlive: (pid: number) => living.has(pid),
      machine: {
        nodeVersion: '24.0.0',
        versionOf: async () => undefined,
        isPortFree: async () => true,
        isWritable: async () => true,
        freeBytes: async () => 1,
        terminate: (pid: number) => {
          terminated.push(pid)
          return living.delete(pid)
        },
      },
    }
  }

  const request = {
    environment,
    supervise: {file: 'node', args: ['run.js', 'up']},
    directory: '/state',
    variables: {},
  }

  async function announce(): Promise<void> {
    living.add(agent.pid)
    await catalog.commit('agent', [], [catalog.agents.put(keys.agent('local', 'localhost'), agent)])
  }

  test('up starts a supervisor that is itself looked after, and returns once it is at work', async () => {
    const starting = upDetached(needs(), request)
    setImmediate(() => void announce())
    expect(await starting).toMatchObject({started: true, pid: 4242, url: 'http://127.0.0.1:7171'})
    expect(processes.starts).toEqual(['supervisor'])
  })

  test('up again changes nothing', async () => {
    await announce()
    expect(await upDetached(needs(), request)).toMatchObject({started: false, pid: 4242})
    expect(processes.starts).toEqual([])
  })

  test('an agent record of a dead supervisor does not count', async () => {
    await announce()
    living.clear()
    const starting = upDetached(needs(), request)
    setImmediate(() => living.add(agent.pid))
    expect(await starting).toMatchObject({started: true})
  })

  test('a supervisor that ends at once is stopped, and its own words are the reason', async () => {
    processes.lines = ["✗ HAProxy can't start", '  port 7171 is taken', '', '  Next: yard up --port 7172']
    const starting = upDetached(needs(), request)
    setImmediate(() => {
      const present = processes.states.get('supervisor')
      if (present) processes.states.set('supervisor', {...present, state: 'backing-off', lastExit: 'exit 4'})
    })
    await expect(starting).rejects.toMatchObject({
      code: 'E_UP_FAILED',
      why: "HAProxy can't start: port 7171 is taken",
    })
    expect(processes.stops).toEqual(['supervisor'])
  })

  test('down stops the supervisor first, and then what it left', async () => {
    await announce()
    for (const id of ['supervisor', 'haproxy', 'hello-r1@localhost']) {
      await processes.start({id, labels: {}, command: {line: 'x'}, directory: '/', variables: {}})
    }
    const report = await down(needs(), {environment: 'local'})
    expect(processes.stops[0]).toBe('supervisor')
    expect(report.stopped).toEqual(['haproxy', 'hello-r1@localhost', 'supervisor'])
  })

  test('down ends a supervisor in the foreground of another terminal', async () => {
    await announce()
    expect((await down(needs(), {environment: 'local'})).stopped).toEqual(['supervisor'])
    expect(terminated).toEqual([4242])
  })

  test('down when nothing is up says so', async () => {
    expect(await down(needs(), {environment: 'local'})).toEqual({environment: 'local', stopped: []})
  })
})
