import {type DeployNeeds} from '../../src/lifecycle/deploy.js'
import {type DeployWorld} from './deploy-world.js'

/** Whether a run is to stop at this place, of those that it passes. */
type Choice = (place: string, index: number) => boolean

/**
 * Lets a run stop for ever at its nth place, or the first time that it comes by the named one, as kill -9 does: nothing is
 * cleaned up. Returns the place; undefined when the run came to its end before.
 */
export async function killAt(
  world: DeployWorld,
  place: number | string,
  work: (needs: DeployNeeds) => Promise<unknown>,
): Promise<string | undefined> {
  const isThere: Choice = (name, index) => (typeof place === 'number' ? index === place : name === place)
  let passed = 0
  return new Promise((resolve, reject) => {
    const doomed: DeployNeeds = world.needs({
      failpoint: async (step, moment) => {
        if (!isThere(`${step} ${moment}`, passed++)) return
        world.dead.add(doomed.identity.pid)
        resolve(`${step} ${moment}`)
        await new Promise(() => undefined)
      },
    })
    work(doomed).then(() => resolve(undefined), reject)
  })
}
