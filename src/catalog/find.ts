import {type Environment, type Host, localEnvironment, localEnvironmentName} from '../domain/environment.js'
import {practiceEnvironmentName} from '../domain/fleet.js'
import {parseName, printable} from '../domain/names.js'
import {nearestWord} from '../domain/nearest.js'
import {type Service} from '../domain/service.js'
import {YardError} from '../errors.js'
import {type Catalog} from './catalog.js'
import {type BadRecord, type Stored} from './collection.js'
import {keys} from './keys.js'

/**
 * The service of this name.
 * @throws YardError E_NAME_INVALID, E_SERVICE_UNKNOWN with the nearest name there is, or E_CATALOG_CORRUPT.
 */
export async function findService(catalog: Catalog, name: string): Promise<Stored<Service>> {
  const key = keys.service(parseName('service', name))
  const found = await catalog.services.get(key, refuse)
  if (found !== undefined) return found
  const {records} = await catalog.services.list(keys.services)
  const names = records.map(({record}) => record.name)
  const nearest = nearestWord(name, names)
  const unknown = nearest === undefined ? '' : `; did you mean ${nearest}?`
  throw new YardError('E_SERVICE_UNKNOWN', {
    what: `There's no service called ${name}`,
    why: names.length === 0 ? 'no service is registered yet' : `the catalog knows no such name${unknown}`,
    next: [
      names.length === 0 ? 'yard generate service hello' : 'yard services list',
      "yard register   # in the service's repository",
    ],
  })
}

/**
 * The environment of this name. `local` is there even before the first `yard up`. `declared` are those of the
 * platform file, which may not have been applied yet.
 * @throws YardError E_NAME_INVALID, E_ENVIRONMENT_UNKNOWN or E_CATALOG_CORRUPT.
 */
export async function findEnvironment(
  catalog: Catalog,
  name: string,
  declared: readonly string[] = [],
): Promise<Environment> {
  const key = keys.environment(parseName('environment', name))
  const found = await catalog.environments.get(key, refuse)
  if (found !== undefined) return found.record
  if (name === localEnvironmentName) return localEnvironment()
  throw new YardError('E_ENVIRONMENT_UNKNOWN', {
    what: `There's no environment called ${name}`,
    why: `the catalog knows no environment of this name${await meantEnvironment(catalog, name)}`,
    next: [waysToHave(name, declared), 'yard environments list'],
  })
}

function waysToHave(name: string, declared: readonly string[]): string {
  if (declared.includes(name)) return 'yard catalog apply   # the platform file declares it'
  return name === practiceEnvironmentName
    ? 'yard fleet up --hosts 3   # makes it, with hosts on this machine'
    : `yard environments add ${name}`
}

async function meantEnvironment(catalog: Catalog, name: string): Promise<string> {
  const {records} = await catalog.environments.list(keys.environments)
  const names = [localEnvironmentName, ...records.map(({record}) => record.name)]
  const nearest = nearestWord(name, names)
  return nearest === undefined ? '' : `; did you mean ${nearest}?`
}

/**
 * The host of this name in an environment.
 * @throws YardError E_NAME_INVALID, E_HOST_UNKNOWN with the nearest name there is, or E_CATALOG_CORRUPT.
 */
export async function findHost(catalog: Catalog, environment: string, name: string): Promise<Stored<Host>> {
  const found = await catalog.hosts.get(keys.host(environment, parseName('host', name)), refuse)
  if (found !== undefined) return found
  const {records} = await catalog.hosts.list(keys.hosts(environment))
  const names = records.map(({record}) => record.name)
  const nearest = nearestWord(name, names)
  const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`
  throw new YardError('E_HOST_UNKNOWN', {
    what: `There's no host called ${name} in ${environment}`,
    why:
      names.length === 0
        ? 'the environment has no host yet'
        : `the environment has no host of this name${meant}`,
    next: [
      `yard hosts list --env ${environment}`,
      ...(environment === localEnvironmentName
        ? ['yard up --detach   # makes localhost']
        : [`yard hosts add ${name} --env ${environment} --address 10.0.0.11`]),
    ],
  })
}

/** For records that the work can't go on without. @throws YardError E_CATALOG_CORRUPT, always. */
export function refuse({key, why}: BadRecord): never {
  throw new YardError('E_CATALOG_CORRUPT', {
    what: `Can't use the catalog's record ${printable(key)}`,
    why: `it can't be trusted: ${why}`,
    next: ['yard doctor', 'use another catalog: --catalog sqlite:/path/catalog.db'],
  })
}
