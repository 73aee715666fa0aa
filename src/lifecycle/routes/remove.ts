import {type Catalog} from '../../catalog/catalog.js'
import {unchanged} from '../../catalog/collection.js'
import {findEnvironment} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {nearestWord} from '../../domain/nearest.js'
import {publicName} from '../../domain/public-route.js'
import {YardError} from '../../errors.js'
import {remindOfPush} from '../push/remind.js'
import {type RouteNeeds, type RouteReport} from './add.js'
import {publicNameOf} from './public-name.js'

export interface RemoveRouteRequest {
  environment: string
  /** As typed: `billing.example.org/api`. */
  publicName: string
  declaredEnvironments: readonly string[]
  dryRun: boolean
}

/**
 * Has a public name lead nowhere any more.
 * @throws YardError E_USAGE for what is no public name, E_ENVIRONMENT_UNKNOWN, E_ROUTE_UNKNOWN with the nearest there is,
 * E_NOT_CONFIRMED
 */
export async function removeRoute(needs: RouteNeeds, request: RemoveRouteRequest): Promise<RouteReport> {
  const {catalog} = needs
  const {declaredEnvironments, dryRun} = request
  const command = (name: string) => `yard routes remove ${name} --env ${request.environment}`
  const wanted = publicNameOf('remove the public name', request.publicName, command)
  const environment = (await findEnvironment(catalog, request.environment, declaredEnvironments)).name
  const name = publicName(wanted)
  const key = keys.publicRoute(environment, wanted.host, wanted.path)
  let isConfirmed = dryRun
  for (;;) {
    // Also a record that can't be read: to be rid of it is what the person asked for.
    const entry = await catalog.store.get(key)
    if (entry === undefined) throw await unknownRoute(catalog, environment, name)
    const service = catalog.publicRoutes.readAll([entry]).records[0]?.record.service
    const report: RouteReport = {
      environment,
      outcome: 'removed',
      dryRun,
      name,
      ...(service !== undefined && {service}),
    }
    if (dryRun) return report
    if (!isConfirmed)
      await needs.confirmProtected({environment, purpose: `remove ${name} from ${environment}`})
    isConfirmed = true
    if ((await catalog.attempt([unchanged(key, entry)], [{delete: key}])) === false) continue
    await remindOfPush(needs, environment)
    return report
  }
}

async function unknownRoute(catalog: Catalog, environment: string, name: string): Promise<YardError> {
  const {records} = await catalog.publicRoutes.list(keys.publicRoutes(environment))
  const names = records.map(({record}) => publicName(record))
  const nearest = nearestWord(name, names)
  const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`
  return new YardError('E_ROUTE_UNKNOWN', {
    what: `There's no public name ${name} in ${environment}`,
    why: names.length === 0 ? 'the environment has no public name yet' : `no such route is there${meant}`,
    next: [`yard routes list --env ${environment}`],
  })
}
