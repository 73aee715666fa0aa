import {type Catalog} from '../../catalog/catalog.js'
import {keys} from '../../catalog/keys.js'
import {printable} from '../../domain/names.js'

/** What keeps an environment or a host from being removed. */
export interface Occupants {
  instances: {id: string; host: string}[]
  hosts: string[]
  /** How many variables are set. */
  config: number
  /** Public names that lead to services, and services that are closed. */
  routes: string[]
  closed: string[]
}

export const noOccupants: Occupants = {instances: [], hosts: [], config: 0, routes: [], closed: []}

/** Counts what can't be trusted, too: whoever wrote it may rely on the environment. */
export async function occupantsOf(catalog: Catalog, environment: string): Promise<Occupants> {
  const below = async (prefix: string) =>
    (await catalog.store.range(prefix)).entries.map(({key}) => key.slice(prefix.length))
  const instances = await below(keys.instances(environment))
  return {
    instances: instances.map((key) => ({id: idOf(key), host: key.replace(/^.*@/, '')})),
    hosts: (await below(keys.hosts(environment))).map(plain),
    config: (await below(keys.allConfig(environment))).length,
    routes: (await below(keys.publicRoutes(environment))).map((key) => plain(key.replace(/\/$/, ''))),
    closed: (await below(keys.maintenances(environment))).map(plain),
  }
}

/** In words for people; empty when nothing is there. */
export function whatIsThere({closed, config, hosts, instances, routes}: Occupants): string {
  const parts = [
    ...counted(
      instances.map(({id}) => id),
      'instance',
    ),
    ...counted(hosts, 'host'),
    ...counted(routes, 'public name'),
    ...counted(closed, 'closed service'),
    ...(config === 0 ? [] : [`${config} configured ${config === 1 ? 'variable' : 'variables'}`]),
  ]
  return parts.join(', ')
}

const shownNames = 5

function counted(names: readonly string[], kind: string): string[] {
  if (names.length === 0) return []
  const shown = names.slice(0, shownNames).join(', ')
  const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : ''
  return [`${names.length} ${kind}${names.length === 1 ? '' : 's'} (${shown}${more})`]
}

function idOf(key: string): string {
  return plain(key.slice(key.indexOf('/') + 1))
}

function plain(text: string): string {
  return /^[\w@./-]{1,150}$/.test(text) ? text : printable(text)
}
