import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type InstanceStatus} from '../../../src/domain/instance.js'
import {YardError} from '../../../src/errors.js'
import {listProcesses} from '../../../src/lifecycle/processes/list.js'
import {processesView} from '../../../src/terminal/ps-view.js'
import {ManualClock} from '../../fakes/clock.js'
import {aBinding, aHost, anEnvironment, anInstance, aService, aStatus} from '../../fakes/records.js'

const hosts = ['web-1', 'web-2', 'web-3']
let catalog: Catalog
let seen: Map<string, InstanceStatus>
let away: Set<string>
let opened: string[]
let closed: number

beforeEach(async () => {
  catalog = new Catalog(new MemoryStore())
  seen = new Map()
  away = new Set()
  opened = []
  closed = 0
  const writes = [
    catalog.environments.put(keys.environment('staging'), anEnvironment()),
    catalog.services.put(keys.service('hello'), aService()),
    catalog.bindings.put(keys.binding('staging', 'hello'), aBinding({active: 2})),
  ]
  for (const [place, name] of hosts.entries()) {
    const id = `hello-r2@${name}`
    writes.push(
      catalog.hosts.put(keys.host('staging', name), aHost({name, address: `10.0.0.1${place}`})),
      catalog.instances.put(
        keys.instance('staging', 'hello', id),
        anInstance({environment: 'staging', host: name, release: 2, address: `10.0.0.1${place}`}),
      ),
    )
    seen.set(id, aStatus({id, pid: 100 + place, restarts: place}))
  }
  await catalog.commit('test', [], writes)
})

const list = (service?: string) =>
  listProcesses(
    {
      catalog,
      clock: new ManualClock(),
      report: () => undefined,
      openInstanceHost: async (environment, host) => {
        opened.push(`${environment.name}/${host.name}`)
        return {
          statuses: async (ids) => {
            if (away.has(host.name)) throw unreachable(host.name)
            return new Map([...seen].filter(([id]) => ids.includes(id)))
          },
          close: async () => {
            closed++
          },
        }
      },
    },
    {environment: 'staging', service},
  )

describe('the processes of an environment', () => {
  test('are as their hosts have them, each asked once and let go', async () => {
    const {processes, unasked} = await list()

    expect(opened.sort()).toEqual(['staging/web-1', 'staging/web-2', 'staging/web-3'])
    expect(closed).toBe(3)
    expect(unasked).toEqual([])
    expect(processes).toMatchObject([
      {instance: 'hello-r2@web-1', state: 'running', restarts: 0, pid: 100, hasTraffic: true, port: 21_001},
      {instance: 'hello-r2@web-2', state: 'running', restarts: 1, pid: 101, hasTraffic: true},
      {instance: 'hello-r2@web-3', state: 'running', restarts: 2, pid: 102, hasTraffic: true},
    ])
  })

  test('a host that can not be asked is told with the reason, and the others are shown', async () => {
    away.add('web-2')

    const report = await list('hello')

    expect(report.unasked).toEqual([
      {host: 'web-2', why: 'web-2 is silent', next: ['yard host setup web-2 --env staging']},
    ])
    expect(report.processes.map(({state}) => state)).toEqual(['running', 'unknown', 'running'])
    expect(closed).toBe(3)
    const text = processesView(report)
    expect(text).toMatch(/1 instance\s+web-2\s+-\s+not known/)
    expect(text).toContain("web-2 can't be asked: web-2 is silent. Try: yard host setup web-2 --env staging")
    expect(text.match(/hello-r2@/g)).toHaveLength(2)
  })

  test('one of which nothing is there is gone, one that keeps ending says how', async () => {
    seen.delete('hello-r2@web-1')
    seen.set('hello-r2@web-2', aStatus({id: 'hello-r2@web-2', running: 'backing-off', lastExit: 'exit 3'}))

    const report = await list()

    expect(report.processes[0]).toMatchObject({state: 'gone'})
    expect(report.processes[1]).toMatchObject({state: 'backing-off', lastExit: 'exit 3'})
    expect(processesView(report)).toMatch(/hello-r2@web-1\s+web-1\s+21001\s+not there\s+no/)
    expect(processesView(report)).not.toContain('is down')
    const down = {...report, environment: 'local', processes: report.processes.slice(0, 1)}
    expect(processesView(down)).toContain('local is down. Bring it up: yard up --detach')
    expect(processesView(report)).toContain('ended with exit 3')
  })

  test('a release that joins the traffic has it, too; one on a drained host has not', async () => {
    const binding = await catalog.bindings.get(keys.binding('staging', 'hello'))
    const joined = {...aBinding({active: 1, joining: 2}), ...binding?.record, active: 1, joining: 2}
    const by = {v: 1 as const, environment: 'staging', since: '2026-11-20T12:00:00.000Z', by: 'ada@laptop'}
    await catalog.commit(
      'test',
      [],
      [
        catalog.bindings.put(keys.binding('staging', 'hello'), joined),
        catalog.hostDrains.put(keys.hostDrain('staging', 'web-3'), {...by, host: 'web-3'}),
      ],
    )

    expect((await list()).processes.map(({hasTraffic}) => hasTraffic)).toEqual([true, true, false])
  })

  test('are in the order in which people count', async () => {
    const more = ['hello-r2.web.2@web-1', 'hello-r2.web.10@web-1', 'hello-r2@web-10'].map((id) => {
      const host = id.split('@')[1] ?? ''
      return catalog.instances.put(
        keys.instance('staging', 'hello', id),
        anInstance({id, environment: 'staging', host, release: 2}),
      )
    })
    await catalog.commit('test', [], more)

    expect((await list()).processes.map(({instance}) => instance)).toEqual([
      'hello-r2@web-1',
      'hello-r2.web.2@web-1',
      'hello-r2.web.10@web-1',
      'hello-r2@web-2',
      'hello-r2@web-3',
      'hello-r2@web-10',
    ])
  })

  test('have the memory that their host told of', async () => {
    seen.set('hello-r2@web-1', aStatus({id: 'hello-r2@web-1', memoryBytes: 84 * 1024 ** 2}))

    const report = await list()

    expect(report.processes.map(({memoryBytes}) => memoryBytes)).toEqual([
      84 * 1024 ** 2,
      undefined,
      undefined,
    ])
    expect(processesView(report)).toMatch(/hello-r2@web-1 .* 84 MB +-$/m)
    expect(processesView(report)).toMatch(/hello-r2@web-2 .* - +101$/m)
  })

  test('a worker has no requests to get', async () => {
    const worker = anInstance({
      ...{id: 'hello-r2.worker@web-1', process: 'worker', environment: 'staging', host: 'web-1', release: 2},
    })
    delete worker.port
    const key = keys.instance('staging', 'hello', worker.id)
    await catalog.commit('test', [], [catalog.instances.put(key, worker)])
    seen.set(worker.id, aStatus({id: worker.id}))

    expect(processesView(await list())).toMatch(/hello-r2\.worker@web-1 +web-1 +- +running +- /)
  })

  test('a mistake in yard is none of a host', async () => {
    seen = undefined as never

    await expect(list()).rejects.toThrow(TypeError)
  })

  test('of the practice fleet that is not there are refused, with how to have one', async () => {
    const needs = {catalog, clock: new ManualClock(), report: () => undefined}
    const openInstanceHost = () => Promise.reject(new Error('asked'))

    await expect(
      listProcesses({...needs, openInstanceHost}, {environment: 'practice', service: undefined}),
    ).rejects.toMatchObject({
      code: 'E_ENVIRONMENT_UNKNOWN',
      next: [expect.stringContaining('yard fleet up'), 'yard environments list'],
    })
  })

  test('of a service that nobody knows are refused', async () => {
    await expect(list('helo')).rejects.toMatchObject({code: 'E_SERVICE_UNKNOWN'})
    await expect(list('../x')).rejects.toMatchObject({code: 'E_NAME_INVALID'})
  })
})

describe('a service of which nothing is there', () => {
  beforeEach(async () => {
    const {entries} = await catalog.store.range(keys.instances('staging', 'hello'))
    await catalog.store.transact(
      [],
      entries.map(({key}) => ({delete: key})),
    )
  })

  test('is told with its release, and how it is brought back', async () => {
    const report = await list()

    expect(report).toMatchObject({
      processes: [],
      idle: [{service: 'hello', release: 2, scaledToNone: []}],
    })
    expect(processesView(report)).toBe(
      '! hello-r2 is live in staging and runs nowhere: no instance of it is there. Start it: yard restart hello --env staging',
    )
    expect(opened).toEqual([])
  })

  test('is told to be scaled to nothing, where that is why', async () => {
    const scale = {v: 1 as const, service: 'hello', environment: 'staging', by: 'ada@laptop'}
    const changedAt = '2026-11-20T12:00:00.000Z'
    const key = keys.scale('staging', 'hello')
    await catalog.commit('test', [], [catalog.scales.put(key, {...scale, processes: {worker: 0}, changedAt})])

    const report = await list('hello')

    expect(report.idle).toEqual([{service: 'hello', release: 2, scaledToNone: ['worker']}])
    expect(processesView(report)).toBe(
      '- hello-r2 is live in staging and runs nowhere: it is scaled to 0. Start it: yard scale hello worker=1 --env staging',
    )
  })

  test('says nothing of others', async () => {
    await catalog.commit('test', [], [catalog.services.put(keys.service('other'), aService({name: 'other'}))])

    const report = await list('other')

    expect(report.idle).toEqual([])
    expect(processesView(report)).toContain('Nothing runs in staging')
  })
})

test('what a host tells can do nothing to a terminal', async () => {
  seen.set('hello-r2@web-1', aStatus({id: 'hello-r2@web-1', problem: '\u001b[2Jgone'}))

  expect(processesView(await list())).not.toContain('\u001b[2J')
})

function unreachable(host: string): YardError {
  return new YardError('E_HOST_UNREACHABLE', {
    what: `Can't reach ${host}`,
    why: `${host} is silent`,
    next: [`yard host setup ${host}`],
  })
}
