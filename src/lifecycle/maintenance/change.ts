import {type Catalog} from '../../catalog/catalog.js'
import {unchanged} from '../../catalog/collection.js'
import {findEnvironment, findService} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type Clock} from '../../contracts/clock.js'
import {type Report} from '../../contracts/report.js'
import {type Maintenance, maintenanceMessagePattern} from '../../domain/maintenance.js'
import {printable} from '../../domain/names.js'
import {YardError} from '../../errors.js'
import {remindOfPush} from '../push/remind.js'

export interface MaintenanceNeeds {
  catalog: Catalog
  clock: Clock
  report: Report
  /** Who is at work, for records. */
  actor: string
  /** Returns once a person agreed to a change of a protected environment. @throws YardError E_NOT_CONFIRMED */
  confirmProtected: (change: {environment: string; purpose: string}) => Promise<void>
}

export interface MaintenanceRequest {
  environment: string
  service: string
  declaredEnvironments: readonly string[]
  dryRun: boolean
}

export interface MaintenanceReport {
  environment: string
  service: string
  outcome: 'closed' | 'changed' | 'opened' | 'unchanged'
  dryRun: boolean
  /** Hosts where nothing is at work that hears of it: there it's so after a push. */
  unheard?: string[]
  /** What callers read, and since when; absent once it is open. */
  maintenance?: Pick<Maintenance, 'by' | 'message' | 'since'>
}

/**
 * Closes a service: its callers read the message with a 503, and its instances get no requests. Again with another
 * message changes what they read.
 * @throws YardError E_USAGE for a message that isn't plain, E_SERVICE_UNKNOWN, E_ENVIRONMENT_UNKNOWN, E_NOT_CONFIRMED
 */
export async function closeService(
  needs: MaintenanceNeeds,
  request: MaintenanceRequest & {message: string},
): Promise<MaintenanceReport> {
  const {actor, catalog, clock} = needs
  const {dryRun, message} = request
  refuseMessage(request)
  const environment = (await findEnvironment(catalog, request.environment, request.declaredEnvironments)).name
  let isConfirmed = dryRun
  for (;;) {
    const {record: service, ...stored} = await findService(catalog, request.service)
    const key = keys.maintenance(environment, service.name)
    const entry = await catalog.store.get(key)
    // A record that can't be read is replaced, which is what the person asked for.
    const present = entry && catalog.maintenances.readAll([entry]).records[0]?.record
    const report = {environment, service: service.name, dryRun}
    if (present?.message === message) {
      return {...report, outcome: 'unchanged', maintenance: partsOf(present)}
    }
    const since = present?.since ?? clock.now().toISOString()
    const wanted: Maintenance = {v: 1, environment, service: service.name, message, since, by: actor}
    const closed: MaintenanceReport = {
      ...report,
      outcome: present === undefined ? 'closed' : 'changed',
      maintenance: partsOf(wanted),
    }
    if (dryRun) return closed
    if (!isConfirmed) {
      await needs.confirmProtected({environment, purpose: `close ${service.name} in ${environment}`})
    }
    isConfirmed = true
    // The service is written, too, as it is: whoever removes it at this moment finds that something was added to it.
    const serviceKey = keys.service(service.name)
    const written = await catalog.attempt(
      [unchanged(key, entry), unchanged(serviceKey, stored)],
      [catalog.maintenances.put(key, wanted), catalog.services.put(serviceKey, service)],
    )
    if (written === false) continue
    return {...closed, ...unheardBy(await remindOfPush(needs, environment))}
  }
}

/**
 * Opens a service that was closed.
 * @throws YardError E_SERVICE_UNKNOWN, E_ENVIRONMENT_UNKNOWN, E_NOT_CONFIRMED
 */
export async function openService(
  needs: MaintenanceNeeds,
  request: MaintenanceRequest,
): Promise<MaintenanceReport> {
  const {catalog} = needs
  const {dryRun} = request
  const environment = (await findEnvironment(catalog, request.environment, request.declaredEnvironments)).name
  const service = (await findService(catalog, request.service)).record.name
  const key = keys.maintenance(environment, service)
  let isConfirmed = dryRun
  for (;;) {
    // Also a record that can't be read: to be rid of it is what the person asked for.
    const entry = await catalog.store.get(key)
    const report = {environment, service, dryRun}
    if (entry === undefined) return {...report, outcome: 'unchanged'}
    if (dryRun) return {...report, outcome: 'opened'}
    if (!isConfirmed)
      await needs.confirmProtected({environment, purpose: `open ${service} in ${environment}`})
    isConfirmed = true
    if ((await catalog.attempt([unchanged(key, entry)], [{delete: key}])) === false) continue
    return {...report, outcome: 'opened', ...unheardBy(await remindOfPush(needs, environment))}
  }
}

function unheardBy(hosts: string[]): Pick<MaintenanceReport, 'unheard'> {
  return hosts.length === 0 ? {} : {unheard: hosts}
}

function refuseMessage({environment, message, service}: MaintenanceRequest & {message: string}): void {
  if (maintenanceMessagePattern.test(message)) return
  throw new YardError('E_USAGE', {
    what: `Can't close ${/^[a-z0-9-]{1,40}$/.test(service) ? service : printable(service)} with the message ${printable(message)}`,
    why: 'a message is one line of at most 200 letters, digits, spaces and .,:;!?()/+@_- that begins with a letter or a digit',
    next: [`yard maintenance on billing --message "back at nine" --env ${environment}`],
  })
}

function partsOf({by, message, since}: Maintenance): NonNullable<MaintenanceReport['maintenance']> {
  return {message, since, by}
}
