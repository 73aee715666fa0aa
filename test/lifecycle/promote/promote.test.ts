import {beforeEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {deploy, type DeployNeeds} from '../../../src/lifecycle/deploy.js'
import {abortDeploy} from '../../../src/lifecycle/deploy/abort.js'
import {resumeDeploy} from '../../../src/lifecycle/deploy/resume.js'
import {promote, promotePlan} from '../../../src/lifecycle/promote/promote.js'
import {DeployWorld, root, serviceText} from '../../fakes/deploy-world.js'
import {FleetWorld} from '../../fakes/fleet-world.js'
import {killAt} from '../../fakes/killing.js'

const request = {service: 'hello', from: 'local', to: 'staging'}
let world: FleetWorld
let asked: string[]

beforeEach(async () => {
  world = await promotableWorld()
  asked = []
})

/** Release 1 is live in `local`, and nothing in `staging`. */
async function promotableWorld(): Promise<FleetWorld> {
  const fleet = await new FleetWorld({hosts: 3}).open()
  fleet.tree.set('service.yaml', `${serviceText}env: {LOG_LEVEL: info, GREETING: Hello}\n`)
  fleet.tree.set('Procfile', 'web: node server.js\nrelease: node migrate.js\n')
  await deploy(withAgent(fleet), {environment: 'local', directory: root, allowDirty: false})
  fleet.commandLines.length = 0
  return fleet
}

/** `local` is looked after by the agent of the world, `staging` by its machines. */
function withAgent(fleet: FleetWorld): DeployNeeds {
  return DeployWorld.prototype.needs.call(fleet)
}

const needs = (changes: Parameters<FleetWorld['needs']>[0] = {}) => ({
  ...world.needs(changes),
  confirmProtected: async ({environment, purpose}: {environment: string; purpose: string}) =>
    void asked.push(`${purpose} (${environment})`),
})

async function setConfig(name: string, value: string): Promise<void> {
  await world.catalog.commit(
    'test',
    [],
    [
      world.catalog.config.put(keys.configValue('staging', 'hello', name), {
        v: 1,
        environment: 'staging',
        service: 'hello',
        name,
        content: {kind: 'plain', value},
        setAt: '2026-11-20T12:00:00.000Z',
        setBy: 'ada@laptop',
      }),
    ],
  )
}

const release = async (number: number) =>
  (await world.catalog.releases.get(keys.release('hello', number)))?.record

describe('a promotion', () => {
  test('puts the very same build there, with the config of where it goes, and builds nothing', async () => {
    await setConfig('LOG_LEVEL', 'warn')

    const report = await promote(needs(), request)

    expect(report).toMatchObject({kind: 'promote', environment: 'staging', release: 2, outcome: 'live'})
    const [from, to] = [await release(1), await release(2)]
    expect(to).toMatchObject({
      environment: 'staging',
      artifact: from?.artifact,
      build: from?.build,
      commit: from?.commit,
      promotedFrom: 1,
      variables: {LOG_LEVEL: 'warn', GREETING: 'Hello'},
    })
    expect(from?.variables).toMatchObject({LOG_LEVEL: 'info'})
    expect(world.commandLines).toEqual([])
    expect(world.machine('h1').commands).toContain('run')
    expect((await world.fleetBinding())?.active).toBe(2)
    expect(await world.binding()).toBe(1)
    expect(asked).toEqual(['promote hello-r1 to staging (staging)'])
    expect((await world.fleetDeploys())[0]).toMatchObject({
      kind: 'promote',
      promotedFrom: 1,
      build: from?.build,
    })
  })

  test('of a service whose code went on meanwhile promotes what is live', async () => {
    world.nextCommit()
    world.tree.set('service.yaml', `${serviceText}env: {LOG_LEVEL: debug}\n`)
    const live = await release(1)
    world.tree.set('service.yaml', `${serviceText}env: {LOG_LEVEL: info, GREETING: Hello}\n`)

    await promote(needs(), request)

    expect((await release(2))?.commit).toBe(live?.commit)
  })

  test('is planned without a change', async () => {
    const before = await world.catalog.store.range('/yard/v1/')

    expect(await promotePlan(needs(), request)).toMatchObject({
      kind: 'promote',
      environment: 'staging',
      hosts: ['h1', 'h2', 'h3'],
      promotedFrom: 1,
    })

    expect((await world.catalog.store.range('/yard/v1/')).entries).toEqual(before.entries)
    expect(asked).toEqual([])
  })

  test.each([
    [
      'nothing is live there',
      {from: 'staging', to: 'local'},
      'E_RELEASE_UNKNOWN',
      /no release of hello is live/,
    ],
    ['it is the same environment', {to: 'local'}, 'E_USAGE', /same environment/],
    ['nobody knows where', {to: 'stagin'}, 'E_ENVIRONMENT_UNKNOWN', /did you mean staging/],
    ['nobody knows what', {service: 'helo'}, 'E_SERVICE_UNKNOWN', /did you mean hello/],
  ] as const)('is refused when %s', async (_name, changes, code, why) => {
    await expect(promote(needs(), {...request, ...changes})).rejects.toMatchObject({
      code,
      why: expect.stringMatching(why),
    })
    expect(await world.fleetDeploys()).toEqual([])
  })

  test.each(['running', 'paused'] as const)(
    'is refused when the last deploy there is %s',
    async (outcome) => {
      const [last] = await world.deploys()
      if (last === undefined) throw new Error('nothing was deployed')
      const key = keys.deploy('local', 'hello', 1)
      await world.catalog.commit('test', [], [world.catalog.deploys.put(key, {...last, outcome})])

      await expect(promote(needs(), request)).rejects.toMatchObject({code: 'E_CONFLICT', exitCode: 3})
    },
  )

  test('is refused while somebody is at work there', async () => {
    const name = 'deploy/local/hello'
    const key = keys.lock(name)
    const lock = {
      v: 1 as const,
      name,
      holder: 'bob@desk',
      host: 'desk',
      pid: 1,
      processStartedAt: '1',
      purpose: 'deploy hello in local',
      since: '2026-11-20T12:00:00.000Z',
    }
    await world.catalog.commit('test', [], [world.catalog.locks.put(key, lock)])

    await expect(promote(needs(), request)).rejects.toMatchObject({
      code: 'E_CONFLICT',
      why: 'bob@desk is at work on it there, to deploy hello in local',
    })
  })

  test('is refused without its build, before anything is written', async () => {
    world.artifactsKept.clear()

    await expect(promote(needs(), request)).rejects.toThrow(/its build is not on this machine/)
    expect(await world.fleetDeploys()).toEqual([])
  })

  test('that is killed anywhere is resumed, and aborted', async () => {
    for (const end of ['resume', 'abort'] as const) {
      for (let place = 0; ; place += 3) {
        world = await promotableWorld()
        const killed = await killAt(world, place, (doomed) =>
          promote({...doomed, confirmProtected: async () => undefined}, request),
        )
        if (killed === undefined) break
        const reference = {service: 'hello', environment: 'staging', number: 1}
        if (end === 'resume') await resumeDeploy(world.needs(), {...reference, directory: '/elsewhere'})
        else await abortDeploy(world.needs(), reference)
        const active = (await world.fleetBinding())?.active
        if (end === 'abort') expect([killed, active]).toEqual([killed, undefined])
        else {
          expect([killed, await release(active ?? 0)]).toMatchObject([killed, {promotedFrom: 1}])
          expect(world.running()).toEqual(
            ['h1', 'h2', 'h3'].map((name) => `${name}: hello-r${active}@${name}`),
          )
        }
      }
    }
  })
})
