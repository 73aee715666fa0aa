import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type RunResult} from '../../../src/contracts/command-runner.js'
import {type OneOffRequest} from '../../../src/contracts/instance-host.js'
import {instanceIdPattern} from '../../../src/domain/instance.js'
import {Secret} from '../../../src/domain/secret.js'
import {YardError} from '../../../src/errors.js'
import {runOnce, type RunOnceRequest} from '../../../src/lifecycle/run-once/run.js'
import {ManualClock} from '../../fakes/clock.js'
import {DeployWorld} from '../../fakes/deploy-world.js'
import {FakeInstanceHost} from '../../fakes/instance-host.js'
import {aBinding, aHost, anEnvironment, anInstance, aRelease, aService} from '../../fakes/records.js'

const request: RunOnceRequest = {
  service: 'hello',
  environment: 'staging',
  words: ['node', 'dist/admin/reindex.js', "it's; $HOME"],
  host: undefined,
  timeoutMillis: 60_000,
  onLine: () => undefined,
}
let catalog: Catalog
let asked: {host: string; request: OneOffRequest}[]
let confirmed: string[]
let notes: string[]
let result: RunResult
let closed: number

beforeEach(async () => {
  catalog = new Catalog(new MemoryStore())
  asked = []
  confirmed = []
  notes = []
  result = {outcome: 'succeeded', exitCode: 0, lastLines: []}
  closed = 0
  const release = aRelease({
    number: 2,
    environment: 'staging',
    variables: {GREETING: 'Hi'},
    secrets: {KEY: {kind: 'reference', reference: 'secret://ssm/key'}},
    limits: {memoryBytes: 512_000_000},
  })
  await catalog.commit(
    'test',
    [],
    [
      catalog.environments.put(keys.environment('staging'), anEnvironment()),
      catalog.services.put(keys.service('hello'), aService()),
      catalog.releases.put(keys.release('hello', 2), release),
      catalog.bindings.put(keys.binding('staging', 'hello'), aBinding({active: 2})),
      ...['web-1', 'web-2', 'web-3'].map((name) =>
        catalog.hosts.put(keys.host('staging', name), aHost({name})),
      ),
      catalog.instances.put(
        keys.instance('staging', 'hello', 'hello-r2@web-2'),
        anInstance({environment: 'staging', host: 'web-2', release: 2}),
      ),
    ],
  )
})

function run(changes: Partial<RunOnceRequest> = {}, signal = new AbortController().signal) {
  const world = new DeployWorld()
  world.artifactsKept.add(aRelease().artifact)
  return runOnce(
    {
      catalog,
      clock: new ManualClock(),
      report: (event) => {
        if (event.kind === 'note') notes.push(event.text)
      },
      openInstanceHost: async (_environment, host) =>
        Object.assign(new FakeInstanceHost(host.name, new ManualClock()), {
          runOnce: async (oneOff: OneOffRequest) => {
            asked.push({host: host.name, request: oneOff})
            oneOff.onLine?.('first line')
            return result
          },
          close: async () => {
            closed++
          },
        }),
      openSecrets: async ({secrets}) =>
        Object.fromEntries(Object.keys(secrets).map((name) => [name, new Secret('sesame')])),
      artifacts: world.needs().artifacts,
      signal,
      confirmProtected: async ({purpose}) => void confirmed.push(purpose),
    },
    {...request, ...changes},
  )
}

describe('a program that is run once', () => {
  test('runs where the release is, with its variables, secrets and limits, and words as they were given', async () => {
    const lines: string[] = []

    const report = await run({onLine: (line) => lines.push(line)})

    expect(report).toMatchObject({service: 'hello', release: 2, host: 'web-2', exitCode: 0})
    expect(lines).toEqual(['first line'])
    expect(closed).toBe(1)
    const instance = asked[0]?.request.instance
    expect(instance).toMatchObject({
      service: 'hello',
      release: 2,
      line: String.raw`exec 'node' 'dist/admin/reindex.js' 'it'\''s; $HOME'`,
      variables: {GREETING: 'Hi', YARD_RELEASE: 'hello-r2', YARD_ENVIRONMENT: 'staging'},
      limits: {memoryBytes: 512_000_000},
    })
    expect(instance?.id).toMatch(instanceIdPattern)
    expect(JSON.stringify(instance?.variables)).not.toContain('sesame')
    expect((await instance?.secrets?.())?.['KEY']?.reveal()).toBe('sesame')
    expect(confirmed).toEqual(['run a process of hello in staging'])
  })

  test('runs on the host that is asked for', async () => {
    expect(await run({host: 'web-3'})).toMatchObject({host: 'web-3'})
    await expect(run({host: 'web-4'})).rejects.toMatchObject({code: 'E_HOST_UNKNOWN'})
  })

  test.each([
    [{outcome: 'failed', exitCode: 3}, 3, 'it ended with exit 3 on web-2'],
    [{outcome: 'failed', signal: 'SIGKILL'}, 137, 'it ended with SIGKILL on web-2'],
    [{outcome: 'not-found', exitCode: 127}, 127, 'it ended with exit 127 on web-2'],
  ] as const)('passes on how it ended: %j', async (end, exitCode, note) => {
    result = {...end, lastLines: []}

    expect(await run()).toMatchObject({exitCode})
    expect(notes).toEqual([note])
  })

  test.each([
    [{outcome: 'failed'}, /connection broke/],
    [{outcome: 'timed-out', exitCode: 0}, /wasn't done after 60 s/],
    [{outcome: 'not-found'}, /could not be started/],
  ] as const)('D8 is never called a success when nobody knows how it ended: %j', async (end, why) => {
    result = {...end, lastLines: []}

    await expect(run()).rejects.toMatchObject({code: 'E_STEP_FAILED', why: expect.stringMatching(why)})
    expect(closed).toBe(1)
  })

  test('that was stopped with Ctrl-C says so', async () => {
    const controller = new AbortController()
    controller.abort(new YardError('E_INTERRUPTED', {what: 'Stopped', why: 'Ctrl-C', next: ['again']}))
    result = {outcome: 'aborted', lastLines: []}

    await expect(run({}, controller.signal)).rejects.toMatchObject({
      code: 'E_INTERRUPTED',
      what: 'The process of hello was ended on web-2',
      why: 'Ctrl-C',
      next: ['yard run hello --env staging -- PROGRAM   # runs one again'],
    })
  })

  test('is not begun without a program, without a live release, or with a NUL', async () => {
    await expect(run({words: []})).rejects.toMatchObject({code: 'E_USAGE'})
    await expect(run({words: ['a\0b']})).rejects.toMatchObject({code: 'E_USAGE'})
    await catalog.commit('test', [], [{delete: keys.binding('staging', 'hello')}])
    await expect(run()).rejects.toMatchObject({code: 'E_RELEASE_UNKNOWN'})
    expect(asked).toEqual([])
    expect(confirmed).toEqual([])
  })
})
