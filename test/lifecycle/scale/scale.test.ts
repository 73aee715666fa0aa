import {beforeEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {deploy} from '../../../src/lifecycle/deploy.js'
import {abortDeploy} from '../../../src/lifecycle/deploy/abort.js'
import {resumeDeploy} from '../../../src/lifecycle/deploy/resume.js'
import {scale} from '../../../src/lifecycle/scale/scale.js'
import {scaleView} from '../../../src/terminal/scale-view.js'
import {aSmokeReport, root, serviceText} from '../../fakes/deploy-world.js'
import {failureOf} from '../../fakes/failure-of.js'
import {FleetWorld} from '../../fakes/fleet-world.js'
import {killAt} from '../../fakes/killing.js'

const where = {service: 'hello', environment: 'staging'}
const agreed = async () => undefined
let world: FleetWorld
let asked: string[]

beforeEach(async () => {
  world = await new FleetWorld({hosts: 3}).open()
  world.tree.set('Procfile', 'web: node server.js\nworker: node worker.js\n')
  await deploy(world.needs(), {environment: 'staging', directory: root, allowDirty: false})
  world.traffic.routed.length = 0
  asked = []
})

const needs = (changes: Parameters<FleetWorld['needs']>[0] = {}) => ({
  ...world.needs(changes),
  confirmProtected: async ({purpose}: {purpose: string}) => void asked.push(purpose),
})
const to = (processes: Record<string, number>, changes: Parameters<FleetWorld['needs']>[0] = {}) =>
  scale(needs(changes), {...where, processes, dryRun: false})
const present = () => scale(needs(), {...where, processes: {}, dryRun: false})
const record = async () => (await world.catalog.scales.get(keys.scale('staging', 'hello')))?.record.processes
const ids = async () => (await world.fleetInstances()).map(({id}) => id).sort()

describe('another scale', () => {
  test('starts what is missing beside the others, and later deploys keep to it', async () => {
    const report = await to({web: 5, worker: 1})

    expect(await ids()).toEqual([
      'hello-r1.web.2@h1',
      'hello-r1.web.2@h2',
      'hello-r1.worker@h1',
      'hello-r1@h1',
      'hello-r1@h2',
      'hello-r1@h3',
    ])
    expect(report.processes).toEqual([
      {process: 'web', wanted: 5, before: 3, isSet: true},
      {process: 'worker', wanted: 1, before: 3, isSet: true},
    ])
    expect(world.traffic.routed.at(-1)).toBe('h1:1 h1:1 h2:1 h2:1 h3:1')
    expect(asked).toEqual(['scale hello in staging'])
    expect((await world.fleetDeploys()).at(-1)).toMatchObject({kind: 'scale', outcome: 'live', release: 1})

    world.nextCommit()
    await deploy(world.needs(), {environment: 'staging', directory: root, allowDirty: false})
    expect(await ids()).toEqual([
      'hello-r2.web.2@h1',
      'hello-r2.web.2@h2',
      'hello-r2.worker@h1',
      'hello-r2@h1',
      'hello-r2@h2',
      'hello-r2@h3',
    ])
  })

  test('touches nothing that stays, and loses no request while it shrinks', async () => {
    await to({web: 6})
    const before = [...world.machine('h1').running].map(([id, {startedAt}]) => [id, startedAt])
    world.traffic.routed.length = 0

    await to({web: 1})

    expect(world.traffic.routed.map((routed) => routed.split(' ').includes('h1:1'))).not.toContain(false)
    expect(await ids()).toEqual([
      'hello-r1.worker@h1',
      'hello-r1.worker@h2',
      'hello-r1.worker@h3',
      'hello-r1@h1',
    ])
    const after = [...world.machine('h1').running].map(([id, {startedAt}]) => [id, startedAt])
    expect(before).toEqual(expect.arrayContaining(after))
    expect(world.machine('h2').running.size).toBe(1)
  })

  test('that is so already changes nothing, and says it', async () => {
    await to({web: 3})
    const before = await world.catalog.store.range('/')

    const again = await to({web: 3})

    expect(again).toMatchObject({isUnchanged: true})
    expect(scaleView(again)).toContain('hello-r1 in staging is scaled like this already, and nothing changed')
    expect(scaleView(await present())).toMatch(/^hello-r1 in staging\n/)
    expect(await world.catalog.store.range('/')).toEqual(before)
  })

  test('to none leaves none, and back again', async () => {
    await to({worker: 0})
    expect((await ids()).filter((id) => id.includes('worker'))).toEqual([])
    await to({worker: 2})
    expect((await ids()).filter((id) => id.includes('worker'))).toEqual([
      'hello-r1.worker@h1',
      'hello-r1.worker@h2',
    ])
  })

  test('says what it did to the traffic, and asks nobody for an answer where nobody is left', async () => {
    const said = async (processes: Record<string, number>) => {
      const steps = (await to(processes)).deploy?.steps ?? []
      return ['start', 'health', 'move', 'smoke'].map((name) => steps.find(({step}) => step === name)?.detail)
    }
    world.tree.set('service.yaml', serviceText.replace('[]', '[smoke/*.hurl]'))
    world.smokeReports = Array.from({length: 2}, () => aSmokeReport({outcome: 'passed'}))
    world.nextCommit()
    await deploy(world.needs(), {environment: 'staging', directory: root, allowDirty: false})
    const [, , more] = await said({web: 5})
    expect(more).toBe('to 2 instances more')
    expect(await said({web: 0, worker: 0})).toEqual([
      'none of it is to run there',
      'nothing new runs there',
      'away from 8 instances',
      'no instance of it gets requests',
    ])
  })

  test('is refused beforehand when it is more than a host takes', async () => {
    expect(await failureOf(to({web: 301}))).toMatchObject({
      code: 'E_USAGE',
      why: 'a host would have 102 of them, and takes at most 100',
    })
    expect(await record()).toBeUndefined()
  })

  test('the same again changes nothing', async () => {
    await to({web: 5})
    const deploys = await world.fleetDeploys()

    expect((await to({web: 5})).deploy).toBeUndefined()

    expect(await world.fleetDeploys()).toEqual(deploys)
  })

  test('is looked at without words, and planned without a change', async () => {
    const before = await world.catalog.store.range('/yard/v1/in/')
    const planned = await scale(needs(), {...where, processes: {web: 4}, dryRun: true})

    expect(planned.processes[0]).toEqual({process: 'web', wanted: 4, before: 3, isSet: true})
    expect(scaleView(planned)).toMatch(/Would scale hello-r1 in staging[\s\S]+web\s+3\s+4\s+by yard scale/)
    expect(scaleView(await present())).toMatch(/web\s+3\s+3\s+one on every host/)
    expect(asked).toEqual([])
    expect((await world.catalog.store.range('/yard/v1/in/')).entries).toEqual(before.entries)
  })

  test('whose new instances do not become ready is put back, also what it says', async () => {
    await to({web: 4})
    world.behave(1, {readyAfterMillis: 10_000_000})

    expect(await failureOf(to({web: 6}))).toMatchObject({code: 'E_DEPLOY_FAILED'})

    expect(await record()).toEqual({web: 4})
    expect((await ids()).filter((id) => !id.includes('worker'))).toHaveLength(4)
  })

  test.each([
    [{wep: 2}, /did you mean web/],
    [{release: 2}, /has web, worker/],
    [{constructor: 2}, /has web, worker/],
  ])('of %j is refused before anything is written', async (processes, why) => {
    const before = await world.catalog.store.range('/yard/v1/in/')

    await expect(to(processes as unknown as Record<string, number>)).rejects.toMatchObject({
      code: 'E_USAGE',
      why: expect.stringMatching(why),
    })
    expect((await world.catalog.store.range('/yard/v1/in/')).entries).toEqual(before.entries)
  })

  test('of what is not live is refused', async () => {
    await expect(
      scale(needs(), {service: 'hello', environment: 'local', processes: {web: 2}, dryRun: false}),
    ).rejects.toMatchObject({code: 'E_RELEASE_UNKNOWN'})
  })
})

test('a change of scale that is killed anywhere is resumed, and aborted while there is a way back', async () => {
  for (const end of ['resume', 'abort'] as const) {
    for (let place = 0; ; place += 2) {
      world = await new FleetWorld({hosts: 2}).open()
      await deploy(world.needs(), {environment: 'staging', directory: root, allowDirty: false})
      await to({web: 3})
      const killed = await killAt(world, place, (doomed) =>
        scale({...doomed, confirmProtected: agreed}, {...where, processes: {web: 1}, dryRun: false}),
      )
      if (killed === undefined) break
      const number = (await world.fleetDeploys()).length
      const reference = {...where, number}

      if (end === 'resume') {
        await resumeDeploy(world.needs(), {...reference, directory: root})
        expect([killed, await record(), (await ids()).length]).toEqual([killed, {web: 1}, 1])
        continue
      }
      const error = await abortDeploy(world.needs(), reference).then(
        () => undefined,
        (failure: unknown) => failure,
      )
      if (error === undefined) {
        expect([killed, await record(), (await ids()).length]).toEqual([killed, {web: 3}, 3])
        continue
      }
      expect([killed, error]).toMatchObject(
        [/^(?:drain down|drain after|prune)/, {code: 'E_DEPLOY_ENDED'}].map((one, index) =>
          index === 0 ? expect.stringMatching(one as RegExp) : one,
        ),
      )
      await resumeDeploy(world.needs(), {...reference, directory: root})
      expect((await ids()).length).toBe(1)
    }
  }
})
