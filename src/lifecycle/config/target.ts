import {type Catalog} from '../../catalog/catalog.js'
import {absent} from '../../catalog/collection.js'
import {findEnvironment, findService} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type Compare} from '../../contracts/store.js'
import {isName, parseName} from '../../domain/names.js'
import {YardError} from '../../errors.js'

/** Whose variables are meant: those of one service, or those that all services of an environment share. */
export interface ConfigTarget {
  environment: string
  service: string | undefined
}

export interface FoundTarget extends ConfigTarget {
  /** Holds while the service and the environment are the ones that were found. */
  compares: Compare[]
  /** The release of the service that has the traffic. */
  live: number | undefined
}

/**
 * Splits the words of a command line into the service and the rest. A first word that can't be a service isn't
 * repeated: it may be a value, and a secret.
 * @throws YardError E_USAGE
 */
export function splitWords(
  words: readonly string[],
  isShared: boolean,
  usage: string,
): {service: string | undefined; rest: string[]} {
  if (isShared) return {service: undefined, rest: [...words]}
  const [service, ...rest] = words
  if (service !== undefined && isName(service)) return {service, rest}
  throw new YardError('E_USAGE', {
    what: "Can't tell which service is meant",
    why: service === undefined ? 'none is given' : 'the first word is not the name of a service',
    next: [usage, 'with --shared instead of a service, all services of the environment are meant'],
  })
}

/** @throws YardError E_USAGE when it isn't one. */
export function oneName(names: readonly string[]): string {
  const [name, ...others] = names
  if (name !== undefined && others.length === 0) return name
  throw new YardError('E_USAGE', {
    what: "Can't tell which variable is meant",
    why: name === undefined ? 'none is named' : 'more than one is named',
    next: ['yard config get billing LOG_LEVEL', 'yard config list billing'],
  })
}

/** @throws YardError E_NAME_INVALID, E_ENVIRONMENT_UNKNOWN, E_SERVICE_UNKNOWN */
export async function findTarget(catalog: Catalog, target: ConfigTarget): Promise<FoundTarget> {
  const environment = await findEnvironment(catalog, parseName('environment', target.environment))
  const {service} = target
  const compares = [await isStill(catalog, keys.environment(environment.name))]
  if (service === undefined) return {environment: environment.name, service, compares, live: undefined}
  await findService(catalog, service)
  compares.push(await isStill(catalog, keys.service(service)))
  const binding = await catalog.bindings.get(keys.binding(environment.name, service))
  return {environment: environment.name, service, compares, live: binding?.record.active}
}

/** The same entry is there, however often it was changed; or there is still none, as with `local` before the first `yard up`. */
async function isStill(catalog: Catalog, key: string): Promise<Compare> {
  const entry = await catalog.store.get(key)
  return entry === undefined ? absent(key) : {key, target: 'created', revision: entry.createRevision}
}
