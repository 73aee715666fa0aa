import {type Catalog} from '../catalog/catalog.js'
import {type BadRecord} from '../catalog/collection.js'
import {keys} from '../catalog/keys.js'
import {byService} from '../domain/instance.js'
import {type Binding, releaseId} from '../domain/release.js'
import {
  type SeenInstance,
  serviceState,
  type ServiceState,
  stateByCount,
  type WantedInstance,
} from '../domain/service-state.js'

/** Above so many, everything is read at once: it costs less than asking for each. */
const mostAskedFor = 1_000
/** A store far away is asked for several at a time. */
const atOnce = 16

export interface LookedAt {
  /** By the name of the service. */
  states: Map<string, ServiceState>
  bad: BadRecord[]
}

/**
 * How these services fare, by each of their instances.
 * @param serving how many instances of each release serve, by what hosts count
 */
export async function lookAtInstances(
  catalog: Catalog,
  environment: string,
  bindings: readonly Binding[],
  serving: ReadonlyMap<string, number>,
): Promise<LookedAt> {
  const looked: LookedAt = {states: new Map(), bad: []}
  if (bindings.length > mostAskedFor) {
    const wanted = await readWanted(catalog, keys.instances(environment))
    const seen = await readSeen(catalog, keys.statuses(environment))
    looked.bad.push(...wanted.bad, ...seen.bad)
    for (const binding of bindings) {
      looked.states.set(binding.service, serviceState(binding, wanted.of(binding.service), seen.statuses))
    }
    return looked
  }
  const look = async (binding: Binding) => {
    const {active, service} = binding
    const wanted = await readWanted(catalog, keys.instances(environment, service))
    looked.bad.push(...wanted.bad)
    const count = serving.get(releaseId(service, active)) ?? 0
    if (count > 0) return stateByCount(binding, wanted.of(service), count)
    const seen = await readSeen(catalog, keys.statusesNear(environment, service))
    looked.bad.push(...seen.bad)
    return serviceState(binding, wanted.of(service), seen.statuses)
  }
  for (let start = 0; start < bindings.length; start += atOnce) {
    const some = bindings.slice(start, start + atOnce)
    await Promise.all(some.map(async (each) => looked.states.set(each.service, await look(each))))
  }
  return looked
}

async function readWanted(
  catalog: Catalog,
  prefix: string,
): Promise<{of: (service: string) => WantedInstance[]; bad: BadRecord[]}> {
  const pick = ({record: {id, release, service, state}}: {record: WantedInstance}) => ({
    id,
    service,
    release,
    state,
  })
  const {bad, records} = await catalog.instances.listAs(prefix, pick)
  const groups = byService(records)
  return {of: (service) => groups.get(service) ?? [], bad}
}

async function readSeen(
  catalog: Catalog,
  prefix: string,
): Promise<{statuses: Map<string, SeenInstance>; bad: BadRecord[]}> {
  const statuses = new Map<string, SeenInstance>()
  const {bad} = await catalog.statuses.listAs(prefix, ({record: {healthy, id, running}}) => {
    statuses.set(id, {running, healthy})
  })
  return {statuses, bad}
}
