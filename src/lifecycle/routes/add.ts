import {type Catalog} from '../../catalog/catalog.js'
import {type BadRecord, unchanged} from '../../catalog/collection.js'
import {findEnvironment, findService} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type Clock} from '../../contracts/clock.js'
import {type Report} from '../../contracts/report.js'
import {type Environment, localEnvironmentName} from '../../domain/environment.js'
import {publicName, type PublicName, type PublicRoute} from '../../domain/public-route.js'
import {YardError} from '../../errors.js'
import {remindOfPush} from '../push/remind.js'
import {publicNameOf} from './public-name.js'

export interface RouteNeeds {
  catalog: Catalog
  clock: Clock
  report: Report
  /** Who is at work, for records. */
  actor: string
  /** Returns once a person agreed to a change of a protected environment. @throws YardError E_NOT_CONFIRMED */
  confirmProtected: (change: {environment: string; purpose: string}) => Promise<void>
}

export interface AddRouteRequest {
  environment: string
  service: string
  /** As typed: `billing.example.org/api`. */
  publicName: string
  /** Where the path stands by itself: `/api`. */
  path: string | undefined
  declaredEnvironments: readonly string[]
  dryRun: boolean
}

export interface RouteReport {
  environment: string
  outcome: 'added' | 'removed' | 'unchanged'
  dryRun: boolean
  /** As callers type it. */
  name: string
  /** Absent when the record of a removed route couldn't be read. */
  service?: string
}

/**
 * Has a public name lead to a service. Again is unchanged.
 * @throws YardError E_USAGE for what is no public name, E_SERVICE_UNKNOWN, E_ENVIRONMENT_UNKNOWN, E_ROUTE_TAKEN,
 * E_NOT_CONFIRMED
 */
export async function addRoute(needs: RouteNeeds, request: AddRouteRequest): Promise<RouteReport> {
  const {actor, catalog, clock} = needs
  const {dryRun} = request
  const wanted = nameIn(request)
  const environment = await findEnvironment(catalog, request.environment, request.declaredEnvironments)
  refuseWithoutOutside(environment)
  const name = publicName(wanted)
  const key = keys.publicRoute(environment.name, wanted.host, wanted.path)
  let isConfirmed = dryRun
  for (;;) {
    const service = await findService(catalog, request.service)
    const report = {environment: environment.name, dryRun, name, service: service.record.name}
    const bad: BadRecord[] = []
    const present = await catalog.publicRoutes.get(key, (record) => void bad.push(record))
    if (present !== undefined && present.record.service !== report.service) throw taken(present.record)
    if (present !== undefined) return {...report, outcome: 'unchanged'}
    if (!isConfirmed) {
      const purpose = `add ${name} to ${environment.name}`
      await needs.confirmProtected({environment: environment.name, purpose})
    }
    isConfirmed = true
    if (!dryRun) {
      const route: PublicRoute = {
        v: 1,
        environment: environment.name,
        ...wanted,
        service: report.service,
        addedBy: actor,
        addedAt: clock.now().toISOString(),
      }
      // A record that can't be read is replaced, which is what the person asked for.
      const entry = bad.length === 0 ? undefined : await catalog.store.get(key)
      // The service is written, too, as it is: whoever removes it at this moment finds that something was added to it.
      const serviceKey = keys.service(report.service)
      const written = await catalog.attempt(
        [unchanged(key, entry), unchanged(serviceKey, service)],
        [catalog.publicRoutes.put(key, route), catalog.services.put(serviceKey, service.record)],
      )
      if (written === false) continue
      await remindOfPush(needs, environment.name)
    }
    await warnOfNoEdge(needs, environment)
    return {...report, outcome: 'added'}
  }
}

function nameIn({environment, path, publicName: typed, service}: AddRouteRequest): PublicName {
  const command = (name: string) => `yard routes add ${service} --public ${name} --env ${environment}`
  if (path === undefined) return publicNameOf('add the public name', typed, command)
  const {host, path: own} = publicNameOf('add the public name', typed, command)
  if (own !== '/') {
    throw new YardError('E_USAGE', {
      what: `Can't add the public name ${publicName({host, path: own})} with --path`,
      why: 'it has a path already',
      next: [command(publicName({host, path: own}))],
    })
  }
  return publicNameOf('add the public name', `${host}${path.startsWith('/') ? '' : '/'}${path}`, command)
}

/** @throws YardError E_USAGE for `local`. */
function refuseWithoutOutside({kind, name}: Environment): void {
  if (kind !== 'local') return
  throw new YardError('E_USAGE', {
    what: `Can't add a public name to ${name}`,
    why: `${name} is this machine, and faces nobody outside`,
    next: [
      'yard routes add billing --public billing.example.org --env staging',
      `yard routes list --env ${localEnvironmentName}   # how services are reached here`,
    ],
  })
}

function taken(route: PublicRoute): YardError {
  const name = publicName(route)
  return new YardError('E_ROUTE_TAKEN', {
    what: `Can't add the public name ${name} to ${route.environment}`,
    why: `it leads to ${route.service} already`,
    next: [
      `yard routes remove ${name} --env ${route.environment}`,
      `yard routes list --env ${route.environment}`,
    ],
    details: {environment: route.environment, name, service: route.service},
  })
}

/** The route is kept all the same: the edge may be made after it. */
async function warnOfNoEdge({catalog, report}: RouteNeeds, {edge, name}: Environment): Promise<void> {
  const warn = (text: string) => report({kind: 'warning', text})
  if (edge === undefined) {
    warn(`${name} has no edge yet, so nothing is served outside: declare edge: in yard.yaml`)
    return
  }
  const {records} = await catalog.hosts.list(keys.hosts(name))
  if (records.some(({record}) => record.edge === true)) return
  warn(`no host of ${name} faces the outside yet: yard hosts add HOST --env ${name} --address IPV4 --edge`)
}
