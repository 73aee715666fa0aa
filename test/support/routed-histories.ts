import fc from 'fast-check'

import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {type Clock} from '../../src/contracts/clock.js'
import {type Files} from '../../src/contracts/files.js'
import {type Write} from '../../src/contracts/store.js'
import {CatalogFollower} from '../../src/lifecycle/sidecar/catalog-follower.js'
import {type FollowedState} from '../../src/lifecycle/sidecar/followed-state.js'
import {type AwayStore} from '../fakes/away-store.js'
import {aBinding, aHost, aRelease, aService} from '../fakes/records.js'
import {environment, frameWrites, instanceKey, instanceWrite} from '../fakes/routed-world.js'

const instant = '2026-11-20T12:00:00.000Z'
const services = ['billing', 'orders', 'search'] as const
const service = fc.constantFrom(...services)
const host = fc.integer({min: 1, max: 4})
const path = fc.constantFrom('/', '/api', '/shop', '/shop/cart', '/blog')

type MakeWrite = (catalog: Catalog) => Write

const write: fc.Arbitrary<MakeWrite> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        service,
        host,
        release: fc.constantFrom(1, 1, 2),
        state: fc.constantFrom('up', 'up', 'up', 'draining', 'down' as const),
      })
      .map(({service: name, host: number, release, state}): MakeWrite => {
        const id = `${name}-r${release}@web-${number}`
        return (catalog) => instanceWrite(catalog, name, number, {release, state, id})
      }),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(service, host, fc.constantFrom(1, 1, 2))
      .map(([name, number, release]): MakeWrite => () => ({delete: instanceKey(name, number, release)})),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(service, fc.constantFrom(1, 1, 2, 3)).map(([name, active]): MakeWrite => {
      const key = keys.binding(environment, name)
      return (catalog) => catalog.bindings.put(key, aBinding({service: name, active}))
    }),
  },
  fc.tuple(service).map(([name]): MakeWrite => () => ({delete: keys.binding(environment, name)})),
  fc.tuple(service).map(
    ([name]): MakeWrite =>
      (catalog) =>
        catalog.services.put(keys.service(name), aService({name})),
  ),
  fc.tuple(service).map(([name]): MakeWrite => () => ({delete: keys.service(name)})),
  fc.tuple(host).map(([number]): MakeWrite => {
    const name = `web-${number}`
    const drain = {v: 1 as const, host: name, environment, since: instant, by: 'ada'}
    return (catalog) => catalog.hostDrains.put(keys.hostDrain(environment, name), drain)
  }),
  fc.tuple(host).map(([number]): MakeWrite => () => ({delete: keys.hostDrain(environment, `web-${number}`)})),
  fc.tuple(host).map(([number]): MakeWrite => {
    const name = `web-${number}`
    return (catalog) => catalog.hosts.put(keys.host(environment, name), aHost({environment, name}))
  }),
  fc.tuple(service, path).map(([name, way]): MakeWrite => {
    const route = {v: 1 as const, environment, host: 'www.example.org', path: way, service: name}
    const by = {addedBy: 'ada', addedAt: instant}
    const key = keys.publicRoute(environment, route.host, way)
    return (catalog) => catalog.publicRoutes.put(key, {...route, ...by})
  }),
  fc.tuple(path).map(([gone]): MakeWrite => () => ({
    delete: keys.publicRoute(environment, 'www.example.org', gone),
  })),
  fc
    .tuple(
      service,
      host,
      fc.constantFrom('{', '[]', '{"v":2}', '{"v":1,"port":0}'),
      fc.integer({min: 0, max: 2}),
    )
    .map(([name, number, value, kind]): MakeWrite => {
      const at = [instanceKey(name, number), keys.binding(environment, name), keys.service(name)]
      return () => ({put: at[kind]!, value})
    }),
)

/** What happens to a catalog and to a sidecar that follows it. */
export type Happening =
  | {kind: 'write'; writes: MakeWrite[]}
  | {kind: 'cut' | 'compact' | 'away' | 'back' | 'drop' | 'restart'}
  | {kind: 'pass'; millis: number}

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc
      .array(write, {minLength: 1, maxLength: 8})
      .map((writes): Happening => ({kind: 'write', writes})),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Happening>({
      kind: 'write',
      writes: ['/', '/api', '/shop', '/blog'].map((gone): MakeWrite => () => ({
        delete: keys.publicRoute(environment, 'www.example.org', gone),
      })),
    }),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(20, 20, 1_500, 12_000, 70_000)
      .map((millis): Happening => ({kind: 'pass', millis})),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('cut', 'compact', 'away', 'back', 'drop', 'restart')
      .map((kind): Happening => ({kind: kind as 'cut'})),
  },
)

export const history = fc.array(happening, {minLength: 3, maxLength: 25})

/** How a test plays histories: on which store, and how its time passes. */
export interface Stage {
  store: AwayStore
  clock: Clock
  files: Pick<Files, 'readText' | 'writeText'>
  pass: (millis: number) => Promise<void>
  compact: () => Promise<void>
}

/** Plays a history, then waits until the sidecar follows what a fresh one does. Throws when it never does. */
export async function playHistory(stage: Stage, happenings: readonly Happening[]): Promise<void> {
  const {store, clock, files, pass} = stage
  const catalog = new Catalog(store.inner)
  const followed = new Catalog(store)
  await store.inner.transact(
    [],
    [
      ...frameWrites(catalog),
      ...services.flatMap((name) =>
        [1, 2].map((number) =>
          catalog.releases.put(keys.release(name, number), aRelease({service: name, number, environment})),
        ),
      ),
    ],
  )
  let end = new AbortController()
  const begin = async (own: Pick<Files, 'readText' | 'writeText'> = files) => {
    const follower = new CatalogFollower(
      {catalog: followed, clock, files: own},
      {environment, stateFile: '/state'},
    )
    const started = {isOver: false}
    void follower.start(end.signal).then(
      () => (started.isOver = true),
      () => undefined,
    )
    for (let step = 0; step < 100 && !started.isOver && !store.isAway; step++) await pass(200)
    return follower
  }
  let follower = await begin()
  const ends = [end]
  try {
    for (const one of happenings) {
      if (one.kind === 'write')
        await store.inner.transact([], distinct(one.writes.map((make) => make(catalog))))
      else if (one.kind === 'pass') await pass(one.millis)
      else if (one.kind === 'cut') store.cutWatches()
      else if (one.kind === 'compact') await stage.compact()
      else if (one.kind === 'away' || one.kind === 'back') store.isAway = one.kind === 'away'
      else if (one.kind === 'drop') dropNext(store)
      else {
        end.abort()
        end = new AbortController()
        ends.push(end)
        follower = await begin()
      }
    }
    store.isAway = false
    store.spoilBatch = (batch) => batch
    await deleteBad(catalog)
    // By then a list has shown what was dropped, and what vanished is held.
    await pass(90_000)
    const acceptance = {v: 1 as const, environment, by: 'ada', at: instant}
    await store.inner.transact(
      [],
      [catalog.lossAcceptances.put(keys.lossAcceptance(environment), acceptance)],
    )
    await pass(90_000)
    const fresh = await begin({readText: async () => undefined, writeText: async () => undefined})
    const [is, mustBe] = [shownOf(follower.state()), shownOf(fresh.state())]
    if (is !== mustBe) throw new Error(`it follows\n${is}\nand the catalog says\n${mustBe}`)
  } finally {
    for (const each of ends) each.abort()
  }
}

function dropNext(store: AwayStore): void {
  store.spoilBatch = (batch) => {
    if (batch.kind !== 'changes') return batch
    store.spoilBatch = (next) => next
    return undefined
  }
}

/** A transaction names a key once. */
function distinct(writes: readonly Write[]): Write[] {
  return [...new Map(writes.map((one) => ['put' in one ? one.put : one.delete, one])).values()]
}

async function deleteBad(catalog: Catalog): Promise<void> {
  const groups: [string, {readAll: (entries: never[]) => {bad: {key: string}[]}}][] = [
    [keys.instances(environment), catalog.instances],
    [keys.bindings(environment), catalog.bindings],
    [keys.services, catalog.services],
  ]
  for (const [prefix, collection] of groups) {
    const {entries} = await catalog.store.range(prefix)
    const {bad} = collection.readAll(entries as never[])
    if (bad.length > 0)
      await catalog.store.transact(
        [],
        bad.map(({key}) => ({delete: key})),
      )
  }
}

/** Everything that is followed, in an order of its own. */
function shownOf({bad, facts, records, suspects}: FollowedState): string {
  const sorted = (values: Iterable<unknown> | undefined) =>
    Array.from(values ?? [], (value) => JSON.stringify(value)).sort()
  const shown = {
    environment: facts.environment,
    services: sorted(facts.services),
    bindings: sorted(facts.bindings),
    instances: sorted(facts.instances),
    drainedHosts: sorted(facts.drainedHosts),
    hosts: sorted(facts.hosts),
    publicRoutes: sorted(facts.publicRoutes),
    maintenances: sorted(facts.maintenances),
    releases: sorted(facts.releases?.keys()),
    ...{bad, records, suspects},
  }
  return JSON.stringify(shown, undefined, 1)
}
