import {findEnvironment, refuse} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type Environment, type Host} from '../../domain/environment.js'
import {parseName} from '../../domain/names.js'
import {nearestWord} from '../../domain/nearest.js'
import {compareHosts} from '../../domain/scale.js'
import {YardError} from '../../errors.js'
import {type RolloutNeeds} from './needs.js'
import {type Target} from './run.js'

/**
 * The registered service, the environment and its hosts.
 * @param hosts names of those that are meant; all unless given
 * @throws YardError E_SERVICE_UNKNOWN, E_ENVIRONMENT_UNKNOWN, E_ENVIRONMENT_DOWN, E_HOST_UNKNOWN, E_USAGE
 */
export async function findTarget(
  {catalog}: Pick<RolloutNeeds, 'catalog'>,
  service: string,
  environmentName: string,
  hosts?: readonly string[],
): Promise<Target> {
  const key = keys.service(parseName('service', service))
  if ((await catalog.services.get(key, refuse)) === undefined) throw await notRegistered(catalog, service)
  const environment = await findEnvironment(catalog, environmentName)
  const listed = await catalog.hosts.list(keys.hosts(environment.name))
  const all = listed.records
    .map(({record}) => record)
    .sort((one, other) => compareHosts(one.name, other.name))
  if (all.length === 0)
    throw environment.kind === 'local' ? isDown(service, environment) : noHost(service, environment)
  if (environment.kind === 'local') await throwUnlessUp(catalog, service, environment, all)
  if (hosts === undefined) return {service, environment, hosts: all, leftOut: []}
  const wanted = new Set(hosts)
  for (const name of wanted)
    if (!all.some((host) => host.name === name)) throw unknownHost(name, environment, all)
  return {
    service,
    environment,
    hosts: all.filter(({name}) => wanted.has(name)),
    leftOut: all.filter(({name}) => !wanted.has(name)),
  }
}

/** Nobody else would start on this machine what the catalog says. */
async function throwUnlessUp(
  catalog: RolloutNeeds['catalog'],
  service: string,
  environment: Environment,
  hosts: readonly Host[],
): Promise<void> {
  const agents = await catalog.agents.list(keys.agents(environment.name))
  const atWork = new Set(agents.records.map(({record}) => record.host))
  if (!hosts.every(({name}) => atWork.has(name))) throw isDown(service, environment)
}

async function notRegistered(catalog: RolloutNeeds['catalog'], service: string): Promise<YardError> {
  const {records} = await catalog.services.list(keys.services)
  const names = records.map(({record}) => record.name)
  const nearest = nearestWord(service, names)
  return new YardError('E_SERVICE_UNKNOWN', {
    what: `There's no service called ${service}`,
    why: `the catalog does not know it yet${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
    next:
      nearest === undefined
        ? ['yard register   # in the directory of the service', 'yard services list']
        : ['yard services list', 'yard register   # in the directory of the service'],
  })
}

function isDown(service: string, {name}: Environment): YardError {
  return new YardError('E_ENVIRONMENT_DOWN', {
    what: `Can't change what runs of ${service} in ${name}`,
    why: `${name} is down: no "yard up" is at work that would start and stop it`,
    next: ['yard up --detach', 'yard doctor'],
  })
}

function noHost(service: string, {name}: Environment): YardError {
  return new YardError('E_USAGE', {
    what: `Can't run ${service} in ${name}`,
    why: `${name} has no host yet`,
    next: [
      `yard hosts add web-1 --env ${name} --address 10.0.0.11`,
      `yard host setup web-1 --env ${name}`,
      'yard deploy --env local',
    ],
  })
}

function unknownHost(host: string, {name}: Environment, hosts: readonly Host[]): YardError {
  const names = hosts.map((one) => one.name)
  const nearest = nearestWord(host, names)
  return new YardError('E_HOST_UNKNOWN', {
    what: `There's no host called ${host} in ${name}`,
    why: `the environment has no host of this name${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
    next: [`yard hosts list --env ${name}`, `give others: --hosts ${names.slice(0, 3).join(',')}`],
  })
}
