import {type Environment} from './environment.js'
import {type Instance} from './instance.js'
import {type ReleaseSecrets} from './config-value.js'
import {type Release, releaseId} from './release.js'

/** Where callers reach the routing HAProxy of an environment. */
export function routerUrl(environment: Environment): string {
  return `http://${environment.router.address}:${environment.router.port}`
}

/** The variables an instance gets besides the clean ones of its host. What yard sets wins over the service file. */
export function instanceVariables(
  instance: Pick<Instance, 'id' | 'port' | 'address' | 'service'>,
  release: Release,
  environment: Environment,
): Record<string, string> {
  return {
    ...releaseVariables(release, environment),
    HOST: instance.address,
    ...(instance.port !== undefined && {PORT: String(instance.port)}),
    YARD_INSTANCE: instance.id,
  }
}

/** The secrets that its processes get besides. None can take the place of what tells a process who it is and where. */
export function secretsOf(release: Release): ReleaseSecrets {
  const secrets = Object.entries(release.secrets ?? {})
  return Object.fromEntries(secrets.filter(([name]) => !ownVariables.has(name)))
}

const ownVariables: ReadonlySet<string> = new Set([
  'HOST',
  'PORT',
  'YARD_ENVIRONMENT',
  'YARD_INSTANCE',
  'YARD_RELEASE',
  'YARD_ROUTER_URL',
  'YARD_SERVICE',
])

/** What a one-off process of a release gets: all of it but what belongs to an instance. */
export function releaseVariables(release: Release, environment: Environment): Record<string, string> {
  return {
    NODE_ENV: 'production',
    ...release.variables,
    YARD_ENVIRONMENT: environment.name,
    YARD_RELEASE: releaseId(release.service, release.number),
    YARD_ROUTER_URL: routerUrl(environment),
    YARD_SERVICE: release.service,
  }
}
