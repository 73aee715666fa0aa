import {type Catalog} from '../../catalog/catalog.js'
import {findEnvironment} from '../../catalog/find.js'
import {localEnvironmentName} from '../../domain/environment.js'
import {YardError} from '../../errors.js'

/**
 * A name that nobody knows is told at once, instead of being waited for. A catalog that is away says nothing about it.
 * @throws YardError E_ENVIRONMENT_UNKNOWN, E_NAME_INVALID, or E_USAGE for `local`, which `yard up` looks after
 */
export async function refuseUnknownEnvironment(catalog: Catalog, environment: string): Promise<void> {
  if (environment === localEnvironmentName) {
    throw new YardError('E_USAGE', {
      what: `Can't run a sidecar for ${environment}`,
      why: 'local is this machine, and yard up looks after its HAProxy',
      next: ['yard up', 'yard sidecar run --env staging --host web-1'],
    })
  }
  try {
    await findEnvironment(catalog, environment)
  } catch (error) {
    if (error instanceof YardError && error.exitCode === 2) throw error
  }
}
