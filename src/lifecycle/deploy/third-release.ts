import {type Catalog} from '../../catalog/catalog.js'
import {keys} from '../../catalog/keys.js'
import {releaseId} from '../../domain/release.js'
import {YardError} from '../../errors.js'
import {type Target} from './run.js'

/**
 * Requests go to two releases of a service at most: one that only some hosts get can't join where the others have two
 * already.
 * @param release the one that they get, where it is known already
 * @throws YardError E_CONFLICT
 */
export async function refuseThirdRelease(
  {catalog}: {catalog: Catalog},
  {environment, hosts, leftOut, service}: Target,
  release?: number,
): Promise<void> {
  if (leftOut.length === 0) return
  const binding = (await catalog.bindings.get(keys.binding(environment.name, service)))?.record
  if (binding?.joining === undefined) return
  const mover = await catalog.deploys.get(keys.deploy(environment.name, service, binding.deploy))
  // What a killed one left is put back before anything else.
  if (mover?.record.outcome !== 'partial') return
  const elsewhere = new Set(leftOut.map(({name}) => name))
  const {records} = await catalog.instances.list(keys.instances(environment.name, service))
  const others = records
    .map(({record}) => record)
    .filter((one) => elsewhere.has(one.host) && one.state !== 'down' && one.release !== release)
  const places = new Map(others.map((one) => [one.release, one.host]))
  if (places.size < 2) return
  const shown = [...places].map(([number, host]) => `${releaseId(service, number)} on ${host}`)
  const names = hosts.map(({name}) => name)
  throw new YardError('E_CONFLICT', {
    what: `Can't bring a third release of ${service} to ${names.join(', ')} alone`,
    why: `other hosts of ${environment.name} have two already: ${shown.join(', ')}`,
    next: [
      `yard deploy --env ${environment.name}   # brings one release to every host`,
      `yard ps ${service} --env ${environment.name}`,
    ],
  })
}
