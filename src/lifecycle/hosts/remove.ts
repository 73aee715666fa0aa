import {type Catalog} from '../../catalog/catalog.js'
import {type Stored, unchanged} from '../../catalog/collection.js'
import {findEnvironment, findHost} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type Report} from '../../contracts/report.js'
import {type Host} from '../../domain/environment.js'
import {type Platform} from '../../domain/platform-file.js'
import {YardError} from '../../errors.js'
import {noOccupants, type Occupants, occupantsOf, whatIsThere} from '../platform/occupants.js'
import {drainHost, type DrainNeeds} from './drain.js'
import {refuseLocal} from './local.js'
import {removalOfHost} from './removal.js'
import {retireInstances, type RetireNeeds} from './retire-instances.js'

export interface RemoveHostNeeds extends DrainNeeds, RetireNeeds {
  report: Report
}

export interface RemoveHostRequest {
  environment: string
  host: string
  /** Ends what runs there first. */
  drain: boolean
  /** The platform file in use, which may bring the host back. */
  platform: Pick<Platform, 'environments' | 'file'> | undefined
  dryRun: boolean
}

export interface RemoveHostReport {
  host: string
  environment: string
  dryRun: boolean
  /** What ran there and was ended, or would be. */
  instances: string[]
  /** What was only forgotten, because the machine can't be reached; absent where it can. */
  forgotten?: string[]
}

/** A deploy may start something there while the last was ended; after so many rounds somebody means it. */
const mostRounds = 3

/**
 * Removes a host. With `drain` it is first taken out of the traffic, and its instances finish what they have and are
 * ended; it goes once none is left. What still runs keeps it in the catalog, drained.
 * @throws YardError E_NAME_INVALID, E_ENVIRONMENT_UNKNOWN, E_HOST_UNKNOWN, E_HOST_IN_USE, E_LOCKED, E_NOT_CONFIRMED
 */
export async function removeHost(
  needs: RemoveHostNeeds,
  request: RemoveHostRequest,
): Promise<RemoveHostReport> {
  const {catalog} = needs
  const {drain, dryRun, platform} = request
  refuseLocal(`remove ${request.host} from`, request.environment)
  const declared = platform?.environments.map(({name}) => name) ?? []
  const wanted = await findEnvironment(catalog, request.environment, declared)
  const environment = wanted.name
  const first = await findHost(catalog, environment, request.host)
  const host = first.record.name
  refuseDeclared(needs, request, first.record)
  const ended: string[] = []
  const forgotten: string[] = []
  for (let round = 0; ; round++) {
    const stored = round === 0 ? first : await findHost(catalog, environment, host)
    const there = (await occupantsOf(catalog, environment)).instances.filter((each) => each.host === host)
    if (there.length > 0 && (!drain || round >= mostRounds)) throw inUse(environment, host, there)
    if (dryRun) return {host, environment, dryRun, instances: there.map(({id}) => id)}
    if (round === 0) {
      await needs.confirmProtected({environment, purpose: `remove ${host} from ${environment}`})
    }
    if (there.length === 0) {
      const report = {host, environment, dryRun, instances: ended, ...(forgotten.length > 0 && {forgotten})}
      if (await remove(catalog, stored)) return report
      continue
    }
    // It was agreed to already, and includes the drain.
    const agreed = {...needs, confirmProtected: async () => undefined}
    const draining = {environment, host, declaredEnvironments: declared, dryRun: false, isPushed: true}
    await drainHost(agreed, draining)
    const retired = await retireInstances(needs, {environment: wanted, host: stored.record})
    ended.push(...retired.ended)
    forgotten.push(...retired.forgotten)
  }
}

/** False when something was done to the host meanwhile: each new instance writes its record. */
async function remove(catalog: Catalog, stored: Stored<Host>): Promise<boolean> {
  const {environment, name} = stored.record
  const writes = await removalOfHost(catalog, environment, name)
  return (await catalog.attempt([unchanged(keys.host(environment, name), stored)], writes)) !== false
}

/** What stands in git is removed there, or the next `catalog apply` brings it back. */
function refuseDeclared({report}: RemoveHostNeeds, {platform}: RemoveHostRequest, host: Host): void {
  const {environment, name} = host
  const declared = platform?.environments.find((each) => each.name === environment)
  if (platform !== undefined && declared?.hosts.some((each) => each.name === name) === true) {
    throw new YardError('E_USAGE', {
      what: `Can't remove ${name} from ${environment}`,
      why: `${platform.file} declares it, and the next apply would bring it back`,
      next: [`take ${name} out of ${platform.file} first`, 'yard catalog diff'],
    })
  }
  if (host.declared !== true || platform !== undefined) return
  const text = `${name} was declared in a platform file that isn't here; an apply of that file brings it back`
  report({kind: 'warning', text})
}

function inUse(environment: string, host: string, instances: Occupants['instances']): YardError {
  return new YardError('E_HOST_IN_USE', {
    what: `Can't remove ${host} from ${environment}`,
    why: `it still has ${whatIsThere({...noOccupants, instances})}`,
    next: [
      `yard hosts remove ${host} --env ${environment} --drain   # ends what runs there first`,
      `yard hosts show ${host} --env ${environment}`,
    ],
    details: {environment, host, instances: instances.slice(0, 100).map(({id}) => id)},
  })
}
