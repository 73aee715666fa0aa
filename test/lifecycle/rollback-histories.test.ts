import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {type YardError} from '../../src/errors.js'
import {deploy, type DeployRequest} from '../../src/lifecycle/deploy.js'
import {restart} from '../../src/lifecycle/restart/restart.js'
import {rollback} from '../../src/lifecycle/rollback.js'
import {root} from '../fakes/deploy-world.js'
import {FleetWorld} from '../fakes/fleet-world.js'

const request: DeployRequest = {environment: 'staging', directory: root, allowDirty: false}
const back = {service: 'hello', environment: 'staging'}

/** What may happen to a service before somebody rolls it back. */
const happening = fc.oneof(
  {weight: 4, arbitrary: fc.constant('deploys' as const)},
  fc.constant('fails' as const),
  fc.constant('misses a host' as const),
  fc.constant('is paused' as const),
  fc.constant('leaves a host out' as const),
  fc.constant('is rolled back' as const),
  fc.constant('is restarted' as const),
)
type Happening =
  | 'deploys'
  | 'fails'
  | 'misses a host'
  | 'is paused'
  | 'leaves a host out'
  | 'is rolled back'
  | 'is restarted'

describe('D4 a rollback without a number', () => {
  test('after a hundred histories goes to a release that was live on every host, and is whole on each', async () => {
    let rolledBack = 0
    await fc.assert(
      fc.asyncProperty(fc.array(happening, {minLength: 1, maxLength: 5}), async (history) => {
        const world = await new FleetWorld({hosts: 2}).open()
        const wholes = new Set<number>()
        for (const what of history) {
          await happen(world, what)
          const active = (await world.fleetBinding())?.active
          if (active !== undefined && isWhole(world, active)) wholes.add(active)
        }
        mend(world)
        const before = (await world.fleetBinding())?.active

        const report = await rollback(world.needs(), back).catch(
          (error: unknown) => (error as YardError).code,
        )

        if (typeof report === 'string') {
          expect(report).toBe('E_RELEASE_UNKNOWN')
          expect((await world.fleetBinding())?.active).toBe(before)
          return
        }
        rolledBack++
        expect(report.release).not.toBe(before)
        expect(wholes).toContain(report.release)
        expect(isWhole(world, report.release)).toBe(true)
        for (const machine of world.machines.values()) expect(machine.placed).toContain(report.release)
      }),
      {numRuns: 100},
    )
    expect(rolledBack).toBeGreaterThan(30)
  })

  test('with a host that missed a deploy gives all hosts the same release', async () => {
    const world = await new FleetWorld({hosts: 2}).open()
    await happen(world, 'deploys')
    await happen(world, 'deploys')
    await happen(world, 'misses a host')
    mend(world)

    const report = await rollback(world.needs(), back)

    expect(report.release).toBe(2)
    expect(world.running()).toEqual(['h1: hello-r2@h1', 'h2: hello-r2@h2'])
  })
})

function isWhole(world: FleetWorld, release: number): boolean {
  return [...world.machines.values()].every((machine) =>
    [...machine.running.keys()].some((id) => id.startsWith(`hello-r${release}`)),
  )
}

async function happen(world: FleetWorld, what: Happening): Promise<void> {
  world.nextCommit()
  const next = (await world.catalog.store.range('/yard/v1/releases/hello/')).entries.length + 1
  const needs = {...world.needs(), confirmProtected: async () => undefined}
  if (['fails', 'misses a host', 'is paused'].includes(what)) {
    world.machine('h2').behaviours.set(next, {endsAfterMillis: 0})
  }
  const works: Record<Happening, () => Promise<unknown>> = {
    deploys: () => deploy(needs, request),
    fails: () => deploy(needs, request),
    'misses a host': () => deploy(needs, {...request, onFailure: 'continue'}),
    'is paused': () => deploy(needs, {...request, onFailure: 'pause'}),
    'leaves a host out': () => deploy(needs, {...request, hosts: ['h1']}),
    'is rolled back': () => rollback(needs, back),
    'is restarted': () => restart(needs, back),
  }
  await works[what]().catch((error: unknown) => {
    if (what === 'deploys') throw error
  })
}

/** From here on every release behaves. */
function mend(world: FleetWorld): void {
  for (const machine of world.machines.values()) machine.behaviours.clear()
}
