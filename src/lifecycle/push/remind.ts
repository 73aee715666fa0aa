import {type Catalog} from '../../catalog/catalog.js'
import {keys} from '../../catalog/keys.js'
import {type Report} from '../../contracts/report.js'

const shownHosts = 5

/**
 * Warns of hosts that don't follow the catalog by themselves: they were pushed to, and nothing is at work there that
 * hears of a change.
 * @returns their names
 */
export async function remindOfPush(
  {catalog, report}: {catalog: Catalog; report: Report},
  environment: string,
): Promise<string[]> {
  const pushed = await catalog.pushedRoutings.list(keys.pushedRoutings(environment))
  if (pushed.records.length === 0) return []
  const agents = await catalog.agents.list(keys.agents(environment))
  const following = new Set(agents.records.map(({record}) => record.host))
  const names = pushed.records.map(({record}) => record.host).filter((name) => !following.has(name))
  if (names.length === 0) return []
  const text = `without a sidecar ${shown(names)} will not hear of it: yard push --env ${environment}`
  report({kind: 'warning', text})
  return names
}

/** Warns of hosts that follow the catalog by themselves: a push is of no use there. */
export async function tellOfSidecars(
  {catalog, report}: {catalog: Catalog; report: Report},
  environment: string,
  hosts: readonly string[],
): Promise<void> {
  const agents = await catalog.agents.list(keys.agents(environment))
  const following = new Set(
    agents.records.filter(({record}) => record.sidecar !== undefined).map(({record}) => record.host),
  )
  const names = hosts.filter((host) => following.has(host))
  if (names.length === 0) return
  report({kind: 'warning', text: `a sidecar follows the catalog on ${shown(names)}: no push is needed there`})
}

function shown(names: readonly string[]): string {
  const more = names.length > shownHosts ? ` and ${names.length - shownHosts} more` : ''
  return `${names.slice(0, shownHosts).join(', ')}${more}`
}
