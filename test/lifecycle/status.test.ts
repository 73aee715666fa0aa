import {beforeEach, expect, test} from '@jest/globals'

import {keys} from '../../src/catalog/keys.js'
import {deploy} from '../../src/lifecycle/deploy.js'
import {status} from '../../src/lifecycle/status.js'
import {statusView} from '../../src/terminal/status-view.js'
import {commitOf, DeployWorld, root} from '../fakes/deploy-world.js'
import {fakeIdentity} from '../fakes/identity.js'
import {type Agent} from '../../src/domain/instance.js'
import {aDeploy, aHost, anEnvironment, anInstance, aService} from '../fakes/records.js'

let world: DeployWorld

beforeEach(async () => {
  world = await new DeployWorld().open()
})

const see = (request: {environment: string; service?: string}, isAlive = true) =>
  status(
    {catalog: world.catalog, clock: world.clock, identity: fakeIdentity({isAlive: () => isAlive})},
    request,
  )

test('says what runs where, since when and from which commit', async () => {
  await deploy(world.needs(), {environment: 'local', directory: root, allowDirty: false})

  const report = await see({environment: 'local'})

  expect(report).toMatchObject({
    isUp: true,
    services: [
      {
        service: 'hello',
        release: 1,
        commit: commitOf('first'),
        instances: [{id: 'hello-r1@localhost', state: 'up', running: 'running', restarts: 0}],
        lastDeploy: {number: 1, outcome: 'live'},
      },
    ],
    bad: [],
  })
  expect(report.services[0]?.lock).toBeUndefined()
  expect(statusView(report)).toMatch(/hello +r1 +[0-9a-f]{7} +hello-r1@localhost +\d+ +up/)
})

test('says who deploys, and that a deploy was killed', async () => {
  await new Promise<void>((resolve) => {
    const failpoint = async (step: string) => {
      if (step !== 'start') return
      resolve()
      await new Promise(() => undefined)
    }
    void deploy(world.needs({failpoint}), {environment: 'local', directory: root, allowDirty: false})
  })

  const atWork = await see({environment: 'local', service: 'hello'})
  const dead = await see({environment: 'local', service: 'hello'}, false)
  await world.catalog.store.transact([], [{delete: keys.lock('deploy/local/hello')}])
  const killed = await see({environment: 'local', service: 'hello'})

  expect(atWork.services[0]?.lock).toMatchObject({holder: 'ada@laptop'})
  expect(statusView(atWork)).toContain('ada@laptop is at work on hello')
  const words = 'deploy 1 of hello was killed: yard deploy show 1 --service hello --env local'
  expect(statusView(killed)).toContain(words)
  // Its lock is there for a while yet.
  expect(dead.services[0]?.lock).toBeUndefined()
  expect(statusView(dead)).toContain(words)
})

test.each([
  ['paused', 'deploy 1 of hello is paused: yard deploy show 1 --service hello --env local'],
  ['partial', 'deploy 1 of hello is live on some hosts only: yard deploy show 1'],
] as const)('says that the last deploy is %s', async (outcome, words) => {
  await deploy(world.needs(), {environment: 'local', directory: root, allowDirty: false})
  const [record] = await world.deploys()
  const key = keys.deploy('local', 'hello', 1)
  await world.catalog.commit(
    'Writing',
    [],
    [world.catalog.deploys.put(key, {...aDeploy(), ...record, outcome})],
  )

  expect(statusView(await see({environment: 'local'}))).toContain(words)
})

test('says that the environment is down, and names records that can not be trusted', async () => {
  await world.catalog.store.transact(
    [],
    [
      {delete: keys.agent('local', 'localhost')},
      {put: keys.instance('local', 'hello', 'hello-r9@localhost'), value: '{"port": "8080 backup"}'},
    ],
  )

  const report = await see({environment: 'local'})

  expect(report.isUp).toBe(false)
  expect(report.bad.map(({key}) => key)).toEqual([keys.instance('local', 'hello', 'hello-r9@localhost')])
  expect(statusView(report)).toMatch(/local is down[^]*yard up --detach[^]*left out/)
})

test('names what hosts say that can not be trusted, once, however many services there are', async () => {
  const key = keys.status('local', 'hello-r1@localhost')
  await world.catalog.store.transact(
    [],
    [
      {put: keys.service('other'), value: JSON.stringify(aService({name: 'other'}))},
      {put: key, value: 'no JSON'},
    ],
  )

  const report = await see({environment: 'local'})

  expect(report.services).toHaveLength(2)
  expect(report.bad).toEqual([{key, why: 'is not JSON'}])
})

test('says of hosts without a sidecar that nobody tells how they are, and how to ask them', async () => {
  const {catalog} = world
  await catalog.commit(
    'Writing',
    [],
    [
      catalog.environments.put(keys.environment('staging'), anEnvironment()),
      catalog.hosts.put(keys.host('staging', 'web-1'), aHost()),
      catalog.hosts.put(keys.host('staging', 'web-2'), aHost({name: 'web-2'})),
      catalog.instances.put(
        keys.instance('staging', 'hello', 'hello-r1@web-1'),
        anInstance({id: 'hello-r1@web-1', service: 'hello', environment: 'staging', host: 'web-1'}),
      ),
    ],
  )
  const alone = await see({environment: 'staging'})
  await catalog.commit('Writing', [], [catalog.agents.put(keys.agent('staging', 'web-1'), anAgent('web-1'))])
  const one = await see({environment: 'staging'})
  await catalog.commit('Writing', [], [catalog.agents.put(keys.agent('staging', 'web-2'), anAgent('web-2'))])
  const both = await see({environment: 'staging'})

  expect(alone.unseenHosts).toEqual(['web-1', 'web-2'])
  expect(statusView(alone)).toMatch(
    /staging: web-1, web-2, without a sidecar[^]*yard ps --env staging[^]* up +-/,
  )
  expect(statusView(one)).toContain('the sidecar of web-2 is not seen')
  expect(statusView(both)).toContain('a sidecar is at work on web-1, web-2')
})

test('refuses a service that nobody knows', () =>
  expect(see({environment: 'local', service: 'helo'})).rejects.toMatchObject({
    code: 'E_SERVICE_UNKNOWN',
    why: expect.stringContaining('hello'),
  }))

function anAgent(host: string): Agent {
  const startedAt = '2026-11-20T12:00:00.000Z'
  return {v: 1, host, pid: 1, startedAt, appliedRevision: 1, haproxyVersion: '2.6.12', skipped: []}
}
