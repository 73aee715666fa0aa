import {type Catalog} from '../../catalog/catalog.js'
import {type Stored} from '../../catalog/collection.js'
import {refuse} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type Instance, parseInstanceId} from '../../domain/instance.js'
import {printable} from '../../domain/names.js'
import {nearestWord} from '../../domain/nearest.js'
import {YardError} from '../../errors.js'

/**
 * The instance of this id, such as `billing-r42@web-1`.
 * @throws YardError E_INSTANCE_UNKNOWN with the nearest there is, E_CATALOG_CORRUPT
 */
export async function findInstance(
  catalog: Catalog,
  environment: string,
  id: string,
): Promise<Stored<Instance>> {
  const parts = parseInstanceId(id)
  const key = parts && keys.instance(environment, parts.service, id)
  const found = key === undefined ? undefined : await catalog.instances.get(key, refuse)
  if (found !== undefined) return found
  throw unknown(environment, id, await knownIds(catalog, environment))
}

async function knownIds(catalog: Catalog, environment: string): Promise<string[]> {
  const {records} = await catalog.instances.list(keys.instances(environment))
  return records.map(({record}) => record.id)
}

function unknown(environment: string, id: string, known: readonly string[]): YardError {
  const nearest = nearestWord(id, known)
  const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`
  return new YardError('E_INSTANCE_UNKNOWN', {
    what: `There's no instance ${printable(id)} in ${environment}`,
    why:
      known.length === 0
        ? 'nothing is deployed there yet'
        : `an instance is named like ${known[0] ?? ''}, with its release and host${meant}`,
    next: [
      known.length === 0 ? `yard deploy --env ${environment}` : `yard instances list --env ${environment}`,
    ],
  })
}
