import {
  type Environment,
  type Host,
  localEnvironment,
  localEnvironmentName,
  localHostName,
} from '../domain/environment.js'
import {type Catalog} from './catalog.js'
import {unchanged} from './collection.js'
import {refuse} from './find.js'
import {keys} from './keys.js'

/**
 * Makes the environment `local` and its one host where they are missing, and returns the environment. A given router
 * port is kept for the next time.
 * @throws YardError E_CATALOG_CORRUPT when somebody else wrote records there that can't be read.
 */
export async function ensureLocalEnvironment(catalog: Catalog, routerPort?: number): Promise<Environment> {
  const environmentKey = keys.environment(localEnvironmentName)
  const hostKey = keys.host(localEnvironmentName, localHostName)
  for (;;) {
    const environment = await catalog.environments.get(environmentKey, refuse)
    const host = await catalog.hosts.get(hostKey, refuse)
    const wanted = environmentWith(environment?.record, routerPort)
    if (environment !== undefined && host !== undefined && wanted === environment.record) return wanted
    const writes = [
      catalog.environments.put(environmentKey, wanted),
      catalog.hosts.put(hostKey, host?.record ?? localHost),
    ]
    const compares = [unchanged(environmentKey, environment), unchanged(hostKey, host)]
    if ((await catalog.attempt(compares, writes)) !== false) return wanted
  }
}

const localHost: Host = {
  v: 1,
  name: localHostName,
  environment: localEnvironmentName,
  address: '127.0.0.1',
  description: 'this machine',
}

/** The very same object when nothing is to be changed. */
function environmentWith(present: Environment | undefined, routerPort: number | undefined): Environment {
  if (present === undefined) return localEnvironment(routerPort)
  if (routerPort === undefined || present.router.port === routerPort) return present
  return {...present, router: {...present.router, port: routerPort}}
}
