import {beforeEach, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {localEnvironment, localHostName} from '../../../src/domain/environment.js'
import {YardError} from '../../../src/errors.js'
import {type OpenRequest} from '../../../src/lifecycle/secrets/open-secrets.js'
import {HostFollower} from '../../../src/lifecycle/supervise/host-follower.js'
import {ManualClock} from '../../fakes/clock.js'
import {FakeProcessManager} from '../../fakes/process-manager.js'
import {anInstance, aRelease, aService} from '../../fakes/records.js'
import {FakeHostRouter} from '../../fakes/host-router.js'
import {fakeSealed} from '../../fakes/secret-box.js'

const secrets = {KEY: {kind: 'sealed' as const, sealed: fakeSealed('x')}}
const [plainId, secretId] = ['hello-r1@localhost', 'hello-r2@localhost']

let catalog: Catalog
let processes: FakeProcessManager
let opened: OpenRequest[]
let refusal: Error | undefined
let clock: ManualClock
let follower: HostFollower

beforeEach(async () => {
  catalog = new Catalog(new MemoryStore())
  processes = new FakeProcessManager()
  opened = []
  refusal = undefined
  clock = new ManualClock()
  follower = aFollower()
  const hostile = {PORT: secrets.KEY, YARD_SERVICE: secrets.KEY, YARD_TOKEN_BILLING: secrets.KEY}
  await catalog.commit(
    'seed',
    [],
    [
      catalog.services.put(keys.service('hello'), aService()),
      catalog.releases.put(keys.release('hello', 1), aRelease()),
      catalog.releases.put(
        keys.release('hello', 2),
        aRelease({number: 2, secrets: {...secrets, ...hostile}}),
      ),
      catalog.instances.put(keys.instance('local', 'hello', plainId), anInstance()),
      catalog.instances.put(
        keys.instance('local', 'hello', secretId),
        anInstance({release: 2, port: 21_002}),
      ),
    ],
  )
})

function aFollower(): HostFollower {
  const needs = {
    catalog,
    processes,
    router: new FakeHostRouter(),
    artifacts: {releaseDirectory: (service: string, release: number) => `/releases/${service}/r${release}`},
    openSecrets: async (request: OpenRequest) => {
      opened.push(request)
      if (refusal !== undefined) throw refusal
      return {}
    },
    clock,
    report: () => undefined,
  }
  const settings = {
    environment: localEnvironment(),
    host: localHostName,
    pid: 42,
    routerProcess: 'haproxy',
    supervisorProcess: 'supervisor',
  }
  return new HostFollower(needs, settings)
}

const statusOf = async (id: string) => (await catalog.statuses.get(keys.status('local', id)))?.record
const agent = async () => (await catalog.agents.get(keys.agent('local', localHostName)))?.record

test('secrets are opened once, for the instance that has them, in the directory of its release', async () => {
  await follower.follow()
  await follower.follow()

  expect(opened).toEqual([
    {secrets: {...secrets, YARD_TOKEN_BILLING: secrets.KEY}, directory: '/releases/hello/r2'},
  ])
  expect(processes.starts.sort()).toEqual([plainId, secretId])
})

test('a supervisor that takes over opens nothing while the instances live', async () => {
  await follower.follow()
  opened.length = 0
  await aFollower().follow()

  expect(opened).toEqual([])
})

test('an instance whose secrets can not be opened is a problem, and the others run', async () => {
  refusal = new YardError('E_SECRET_IDENTITY', {what: "Can't open KEY", why: 'sealed to others', next: ['x']})
  await follower.follow()

  expect(processes.starts).toEqual([plainId])
  expect((await agent())?.problem).toBe(`${secretId}: Can't open KEY: sealed to others`)
  expect(await statusOf(secretId)).toMatchObject({
    running: 'stopped',
    problem: "Can't open KEY: sealed to others",
  })
  expect(await statusOf(plainId)).not.toHaveProperty('problem')
  expect(await follower.publish()).toBe(true)
})

test('it is started once they can be opened, without a change of the catalog', async () => {
  refusal = new Error('not signed in')
  await follower.follow()
  refusal = undefined
  await clock.advance(15_000)

  expect(await follower.publish()).toBe(false)
  await follower.follow()
  expect(processes.starts).toContain(secretId)
  expect((await agent())?.problem).toBeUndefined()
  expect(await statusOf(secretId)).not.toHaveProperty('problem')
})

test('a lost keeper does not have the secrets opened over and over while they are refused', async () => {
  await follower.follow()
  refusal = new Error('not signed in')
  processes.states.set(secretId, {...processes.states.get(secretId)!, state: 'stopped'})
  opened.length = 0

  expect(await follower.publish()).toBe(false)
  await follower.follow()
  for (let look = 0; look < 5; look++) expect(await follower.publish()).toBe(true)
  expect(opened).toHaveLength(1)
})
