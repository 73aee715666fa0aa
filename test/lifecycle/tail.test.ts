import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {type LogLine} from '../../src/contracts/log-reader.js'
import {tail, type TailedLine, type TailRequest} from '../../src/lifecycle/tail.js'
import {FakeLogReader} from '../fakes/log-reader.js'
import {failureOf} from '../fakes/failure-of.js'
import {anEnvironment, aService} from '../fakes/records.js'

const hello = {
  environment: 'local',
  service: 'hello',
  release: 'r2',
  instance: 'hello-r2@localhost',
  process: 'web',
}
const haproxy = {environment: 'local', part: 'haproxy'}
const usual: TailRequest = {
  environment: 'local',
  service: undefined,
  release: undefined,
  all: false,
  lines: 50,
  since: undefined,
  follow: false,
  level: undefined,
  contains: undefined,
  matches: undefined,
}

let catalog: Catalog

beforeEach(() => {
  catalog = new Catalog(new MemoryStore())
})

function line(
  at: number,
  text: string,
  labels: Record<string, string> = hello,
  stream: LogLine['stream'] = 'stdout',
): LogLine {
  return {at, stream, source: labels['instance'] ?? 'x', labels, text}
}

async function tailed(lines: LogLine[], change: Partial<TailRequest>): Promise<TailedLine[]> {
  const found: TailedLine[] = []
  const journals = () => Promise.reject(new Error('no hosts are asked'))
  const needs = {catalog, logs: new FakeLogReader(lines), journals}
  for await (const each of await tail(needs, {...usual, ...change}, new AbortController().signal))
    found.push(each)
  return found
}

describe('a line', () => {
  test('says where it comes from and what it says', async () => {
    const text = '{"level":40,"time":1763666100123,"msg":"slow","millis":900}'
    expect(await tailed([line(0, text)], {})).toEqual([
      {
        at: '1970-01-01T00:00:00.000Z',
        stream: 'stdout',
        service: 'hello',
        release: 'r2',
        instance: 'hello-r2@localhost',
        process: 'web',
        level: 'warn',
        message: 'slow',
        text,
        fields: {millis: 900},
      },
    ])
  })

  test('of yard about trouble is a warning', async () => {
    const found = await tailed(
      [
        line(0, 'started, pid 7', hello, 'yard'),
        line(1, 'ended by itself (exit 1), next start in 1 s', hello, 'yard'),
      ],
      {},
    )
    expect(found.map(({level}) => level)).toEqual(['info', 'warn'])
  })
})

describe('which lines', () => {
  test('only those of services, unless all are wanted', async () => {
    const lines = [line(0, 'a'), line(1, 'b', haproxy)]
    expect((await tailed(lines, {})).map(({text}) => text)).toEqual(['a'])
    expect((await tailed(lines, {all: true})).map(({text, part}) => [text, part])).toEqual([
      ['a', undefined],
      ['b', 'haproxy'],
    ])
  })

  test('of at least a level; a line without one counts on stderr only', async () => {
    const lines = [
      line(0, '{"level":30,"msg":"fine"}'),
      line(1, '{"level":50,"msg":"bad"}'),
      line(2, 'plain'),
      line(3, 'TypeError: boom', hello, 'stderr'),
      line(4, 'WARN slow'),
    ]
    expect((await tailed(lines, {level: 'warn'})).map(({at}) => Date.parse(at))).toEqual([1, 3, 4])
    expect((await tailed(lines, {level: 'error'})).map(({at}) => Date.parse(at))).toEqual([1, 3])
  })

  test('with a text, and of a release', async () => {
    const lines = [line(0, 'a.c'), line(1, 'abc'), line(2, 'a.c', {...hello, release: 'r3'})]
    expect((await tailed(lines, {contains: 'a.c'})).map(({at}) => Date.parse(at))).toEqual([0, 2])
    expect((await tailed(lines, {service: 'hello', release: 3})).map(({text}) => text)).toEqual(['a.c'])
  })

  test('the last ones that match', async () => {
    const lines = Array.from({length: 100}, (_, number) => line(number, `line ${number}`))
    const found = await tailed(lines, {lines: 2, matches: (text) => text.endsWith('7')})
    expect(found.map(({text}) => text)).toEqual(['line 87', 'line 97'])
  })
})

describe('refuses', () => {
  test('a service that neither the catalog nor the logs know, and names the nearest', async () => {
    await catalog.commit('x', [], [catalog.services.put(keys.service('hello'), aService())])
    await expect(tailed([], {service: 'helo'})).rejects.toMatchObject({
      code: 'E_SERVICE_UNKNOWN',
      why: expect.stringContaining('did you mean hello?'),
    })
  })

  test('neither a registered service without logs, nor a forgotten one with logs', async () => {
    await catalog.commit('x', [], [catalog.services.put(keys.service('silent'), aService({name: 'silent'}))])
    expect(await tailed([], {service: 'silent'})).toEqual([])
    expect(await tailed([line(0, 'a')], {service: 'hello'})).toHaveLength(1)
  })

  test.each(['..', '-rf', '--help', 'a/b', 'a\nb', 'A', '', '$(id)', '__proto__', 'a\u202eb'])(
    'the name %j',
    async (service) => {
      await expect(tailed([], {service})).rejects.toMatchObject({code: 'E_NAME_INVALID'})
    },
  )

  test('an environment that is not there', async () => {
    await expect(tailed([], {environment: 'nowhere'})).rejects.toMatchObject({code: 'E_ENVIRONMENT_UNKNOWN'})
  })
})

describe('in an environment of hosts', () => {
  const onHost = {...hello, environment: 'staging', instance: 'hello-r2@web-1'}
  const journal = new FakeLogReader([line(0, 'there', onHost), line(1, 'WARN there', onHost)])
  const asked: string[] = []
  const tailHosts = async (kept: LogLine[], change: Partial<TailRequest>) => {
    const found: string[] = []
    const journals = (environment: string) => {
      asked.push(environment)
      return Promise.resolve(journal)
    }
    const needs = {catalog, logs: new FakeLogReader(kept), journals}
    const request = {...usual, environment: 'staging', ...change}
    for await (const {text} of await tail(needs, request, new AbortController().signal)) found.push(text)
    return found
  }

  beforeEach(async () => {
    asked.length = 0
    const environment = catalog.environments.put(keys.environment('staging'), anEnvironment())
    await catalog.commit('x', [], [environment, catalog.services.put(keys.service('hello'), aService())])
  })

  test('the journals of its hosts are read, and left to choose what only they can choose', async () => {
    expect(await tailHosts([], {service: 'hello'})).toEqual(['there', 'WARN there'])
    expect(asked).toEqual(['staging'])
    // Without a filter a journal may be asked for so many lines, and no more.
    expect(journal.queries.at(-1)).toEqual({
      labels: {environment: 'staging', service: 'hello'},
      follow: false,
      lines: 50,
    })
    expect(await tailHosts([], {level: 'warn'})).toEqual(['WARN there'])
    await tailHosts([], {contains: 'there'})
    expect(journal.queries.at(-1)).toMatchObject({contains: 'there'})
  })

  test('what is kept here of such an environment is read here', async () => {
    expect(await tailHosts([line(0, 'here', onHost)], {})).toEqual(['here'])
    expect(await tailHosts([line(0, 'here', onHost)], {service: 'hello', release: 9})).toEqual([])
    expect(asked).toEqual([])
  })

  test('the parts of its hosts are not to be had, and where they are is said', async () => {
    expect(await failureOf(tailHosts([], {all: true}))).toMatchObject({
      code: 'E_USAGE',
      exitCode: 2,
      next: ['yard logs tail --env staging', 'journalctl --unit=yard-haproxy --lines=50   # there'],
    })
    expect(asked).toEqual([])
  })
})
