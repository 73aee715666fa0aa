import {type Catalog} from '../catalog/catalog.js'
import {refuse} from '../catalog/find.js'
import {keys} from '../catalog/keys.js'
import {type Release, releaseId} from '../domain/release.js'
import {YardError} from '../errors.js'

/**
 * The release of a service that has the traffic of an environment.
 * @param purpose follows "Can't": `restart billing in staging`
 * @throws YardError E_RELEASE_UNKNOWN when there is none, E_CATALOG_CORRUPT
 */
export async function liveRelease(
  catalog: Catalog,
  {environment, service}: {environment: string; service: string},
  purpose: string,
): Promise<Release> {
  const binding = await catalog.bindings.get(keys.binding(environment, service), refuse)
  const number = binding?.record.active
  const stored =
    number === undefined ? undefined : await catalog.releases.get(keys.release(service, number), refuse)
  if (stored !== undefined) return stored.record
  throw new YardError('E_RELEASE_UNKNOWN', {
    what: `Can't ${purpose}`,
    why:
      number === undefined
        ? `no release of ${service} is live in ${environment}`
        : `the catalog has no ${releaseId(service, number)}, which is live in ${environment}`,
    next: [`yard deploy --env ${environment}`, `yard releases list ${service}`],
  })
}
