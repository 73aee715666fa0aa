import {describe, expect, test} from '@jest/globals'

import {plannedSteps} from '../../../src/domain/planned-steps.js'
import {type WrittenStrategy} from '../../../src/domain/service-file-deploy.js'
import {strategyOf} from '../../../src/domain/service-file-deploy.js'
import {keys} from '../../../src/catalog/keys.js'
import {deploy, type DeployNeeds, type DeployRequest} from '../../../src/lifecycle/deploy.js'
import {root} from '../../fakes/deploy-world.js'
import {FleetWorld} from '../../fakes/fleet-world.js'

const strategies: WrittenStrategy[] = [
  {strategy: 'rolling', batch: 1},
  {strategy: 'blue-green'},
  {strategy: 'canary', batch: 2, bake: '2s'},
]

const request: DeployRequest = {environment: 'staging', directory: root, allowDirty: false}

describe.each(strategies)(
  'a deploy to three hosts, $strategy, killed anywhere, is mended by the next one',
  (strategy) => {
    const kind = strategyOf(strategy)
    const batches = kind.kind === 'rolling' ? 3 : kind.kind === 'canary' ? 2 : 1
    const moments = plannedSteps({kind: 'hosts', strategy: kind, batches}).flatMap(({batch = 1, step}) => [
      [step, 'before', batch] as const,
      [step, 'after', batch] as const,
      ...(step === 'move' ? [[step, 'written', batch] as const] : []),
    ])

    test.each(moments)('%s %s, batch %i', async (step, moment, batch) => {
      const world = await new FleetWorld({hosts: 3}).open()
      await deploy(world.needs(), {...request, strategy: {strategy: 'blue-green'}})
      world.nextCommit()
      world.traffic.routed.length = 0
      await kill(world, {step, moment, batch}, (needs) => deploy(needs, {...request, strategy}))
      world.nextCommit()

      const {release} = await deploy(world.needs(), {...request, strategy})

      const names = [...world.machines.keys()]
      expect(world.running()).toEqual(names.map((name) => `${name}: hello-r${release}@${name}`))
      expect(await world.fleetBinding()).toMatchObject({active: release})
      expect(await world.fleetBinding()).not.toHaveProperty('joining')
      expect(world.traffic.routed.at(-1)).toBe(names.map((name) => `${name}:${release}`).join(' '))
      for (const routed of world.traffic.routed) expect(routed.split(' ').length).toBeGreaterThanOrEqual(3)
      const instances = await world.fleetInstances()
      expect(instances.map(({host, state}) => `${host} ${state}`)).toEqual(names.map((name) => `${name} up`))
      expect(instances.every(({weight}) => weight === undefined)).toBe(true)
      for (const name of names) {
        const {records} = await world.catalog.ports.list(keys.ports('staging', name))
        expect(records.map(({record}) => record.owner)).toEqual([`hello-r${release}@${name}`])
      }
      expect((await world.fleetDeploys()).filter(({outcome}) => outcome === 'running')).toEqual([])
    })
  },
)

/** Lets a run stop for ever at one place, as kill -9 does: nothing is cleaned up. */
async function kill(
  world: FleetWorld,
  place: {step: string; moment: string; batch: number},
  work: (needs: DeployNeeds) => Promise<unknown>,
): Promise<void> {
  let times = 0
  const needs = await new Promise<DeployNeeds>((resolve, reject) => {
    const doomed: DeployNeeds = world.needs({
      failpoint: async (step, moment) => {
        if (step !== place.step || moment !== place.moment || ++times < place.batch) return
        resolve(doomed)
        await new Promise(() => undefined)
      },
    })
    work(doomed).then(() => reject(new Error(`never came to ${JSON.stringify(place)}`)), reject)
  })
  world.dead.add(needs.identity.pid)
}
