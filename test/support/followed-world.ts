import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {type YardEvent} from '../../src/contracts/report.js'
import {CatalogFollower} from '../../src/lifecycle/sidecar/catalog-follower.js'
import {type FollowedState} from '../../src/lifecycle/sidecar/followed-state.js'
import {AwayStore} from '../fakes/away-store.js'
import {ManualClock} from '../fakes/clock.js'
import {MemoryFiles} from '../fakes/files.js'
import {environment, routedCatalog} from '../fakes/routed-world.js'

export const stateFile = '/state/routing'
const ends: AbortController[] = []

/** Ends every follower that was made. */
export function endFollowers(): void {
  for (const end of ends.splice(0)) end.abort()
}

export interface World {
  catalog: Catalog
  store: AwayStore
  memory: MemoryStore
  clock: ManualClock
  files: MemoryFiles
  events: YardEvent[]
}

export async function makeWorld(services: Record<string, number>): Promise<World> {
  const memory = new MemoryStore()
  await routedCatalog(services, memory)
  const store = new AwayStore(memory)
  const clock = new ManualClock()
  return {catalog: new Catalog(store), store, memory, clock, files: new MemoryFiles(), events: []}
}

export function makeFollower({catalog, clock, events, files}: World, random = () => 0.5) {
  const end = new AbortController()
  ends.push(end)
  const report = (event: YardEvent) => void events.push(event)
  const follower = new CatalogFollower({catalog, clock, files, report, random}, {environment, stateFile})
  return {follower, end, signal: end.signal}
}

export async function startFollower(world: World): Promise<CatalogFollower> {
  const {follower, signal} = makeFollower(world)
  await follower.start(signal)
  return follower
}

export function instancesOf({facts}: FollowedState, service?: string): string[] {
  const ofService = facts.instances.filter((one) => service === undefined || one.service === service)
  return ofService.map(({id}) => id).sort()
}

/** Lets what was written come through the watches. */
export async function told({clock}: World): Promise<void> {
  await clock.advance(50)
}
