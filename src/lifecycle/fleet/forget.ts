import {type Catalog} from '../../catalog/catalog.js'
import {unchanged} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {type StoreEntry} from '../../contracts/store.js'

export interface ForgetNeeds {
  catalog: Catalog
  signal: AbortSignal
}

/** How much the catalog says of what ran on the hosts of a fleet. */
export interface Forgotten {
  instances: number
  deploys: number
}

export async function countRecords(
  {store}: Catalog,
  environment: string,
  hosts: readonly string[],
): Promise<Forgotten> {
  const instances = await store.range(keys.instances(environment))
  const deploys = await store.range(keys.deploys(environment))
  const isThere = on(hosts)
  return {instances: instances.entries.filter(isThere).length, deploys: deploys.entries.length}
}

/** Removes what the catalog says to run on machines that are no more, and what was seen and reserved there. */
export async function forgetInstances(
  needs: ForgetNeeds,
  environment: string,
  hosts: readonly string[],
): Promise<void> {
  const isThere = on(hosts)
  await removeAll(needs, keys.instances(environment), isThere)
  await removeAll(needs, keys.statuses(environment), isThere)
  for (const host of hosts) {
    await removeAll(needs, keys.agent(environment, host), ({key}) => key === keys.agent(environment, host))
    await removeAll(needs, keys.ports(environment, host))
  }
}

/**
 * Removes what was live in an environment that has no machine any more, and its deploys: there is nothing to go back to,
 * and none of them can go on.
 */
export async function forgetDeploys(needs: ForgetNeeds, environment: string): Promise<void> {
  await removeAll(needs, keys.bindings(environment))
  await removeAll(needs, keys.scales(environment))
  await removeAll(needs, keys.lossAcceptance(environment))
  await removeAll(needs, keys.deploys(environment))
  await removeAll(needs, keys.steps(environment))
}

const writesAtOnce = 100

/** In transactions that every store takes; what somebody changes meanwhile is read again. */
async function removeAll(
  {catalog, signal}: ForgetNeeds,
  prefix: string,
  isMeant: (entry: StoreEntry) => boolean = () => true,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const {entries} = await catalog.store.range(prefix)
    const some = entries.filter(isMeant).slice(0, writesAtOnce)
    if (some.length === 0) return
    await catalog.attempt(
      some.map((entry) => unchanged(entry.key, entry)),
      some.map(({key}) => ({delete: key})),
    )
  }
}

/** For keys that end with the id of an instance. */
function on(hosts: readonly string[]): (entry: StoreEntry) => boolean {
  const names = new Set(hosts)
  return ({key}) => names.has(key.slice(key.lastIndexOf('@') + 1))
}
