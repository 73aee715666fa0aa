import {type Catalog} from '../../catalog/catalog.js'
import {type Stored, unchanged} from '../../catalog/collection.js'
import {findService} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {reportBad} from '../../catalog/report-bad.js'
import {type RecordCollection} from '../../catalog/record-kinds.js'
import {type Report} from '../../contracts/report.js'
import {type StoreEntry} from '../../contracts/store.js'
import {localEnvironmentName} from '../../domain/environment.js'
import {isName, printable} from '../../domain/names.js'
import {type Service} from '../../domain/service.js'
import {YardError} from '../../errors.js'

export interface ServiceRemoveNeeds {
  catalog: Catalog
  report: Report
  /** Returns once a person agreed to remove what the report tells. @throws YardError E_NOT_CONFIRMED */
  confirm: (plan: ServiceRemoveReport) => Promise<void>
}

export interface ServiceRemoveRequest {
  service: string
  dryRun: boolean
}

export interface ServiceRemoveReport {
  service: string
  dryRun: boolean
  /** Keys of the records that go with it: config values, consumer pairs, public names, closures, bindings without instances. */
  removed: string[]
}

const maxWrites = 100

/**
 * Removes a service that runs nowhere, with its config values, its consumer pairs, its public names and the bindings
 * and closures that are left of it. Builds, releases and deploys stay: they are history. What starts an instance writes the record of the service,
 * too, so one that is started at this moment is noticed. Run again after a failure, it goes on where it stopped.
 * @throws YardError E_SERVICE_UNKNOWN, E_SERVICE_IN_USE naming where it runs, E_NOT_CONFIRMED, E_CONFLICT
 */
export async function removeService(
  needs: ServiceRemoveNeeds,
  request: ServiceRemoveRequest,
): Promise<ServiceRemoveReport> {
  const {catalog} = needs
  const service = await findService(catalog, request.service)
  const {name} = service.record
  const environments = await environmentNames(catalog)
  await refuseWhileInUse(catalog, name, environments)
  const entries = await entriesOf(needs, name, environments)
  const report = {service: name, dryRun: request.dryRun, removed: entries.map(({key}) => key)}
  if (request.dryRun) return report
  await needs.confirm(report)
  await removeAll(catalog, service, entries)
  return report
}

/** Also those whose record can't be trusted: a service may run there all the same. */
async function environmentNames({store}: Catalog): Promise<string[]> {
  const {entries} = await store.range(keys.environments)
  const names = entries.map(({key}) => key.slice(keys.environments.length)).filter(isName)
  return [...new Set([...names, localEnvironmentName])].sort()
}

async function refuseWhileInUse(
  {store}: Catalog,
  service: string,
  environments: readonly string[],
): Promise<void> {
  const places: string[] = []
  for (const environment of environments) {
    const prefix = keys.instances(environment, service)
    const {entries} = await store.range(prefix)
    places.push(...entries.map(({key}) => `${shownId(key.slice(prefix.length))} in ${environment}`))
  }
  if (places.length > 0) throw inUse(service, places)
}

async function entriesOf(
  {catalog, report}: ServiceRemoveNeeds,
  service: string,
  environments: readonly string[],
): Promise<StoreEntry[]> {
  const {store} = catalog
  const found: StoreEntry[] = []
  const add = (collection: RecordCollection, entries: readonly StoreEntry[]) => {
    for (const entry of entries) {
      const {bad} = collection.readAll([entry])
      reportBad(report, bad)
      if (bad.length === 0) found.push(entry)
    }
  }
  const pairs = await store.range(keys.consumers)
  const isOfIt = ({key}: StoreEntry) =>
    key.startsWith(keys.consumersOf(service)) || key.endsWith(`/${service}`)
  add(catalog.consumers, pairs.entries.filter(isOfIt))
  for (const environment of environments) {
    add(catalog.config, (await store.range(keys.config(environment, service))).entries)
    const binding = await store.get(keys.binding(environment, service))
    if (binding !== undefined) add(catalog.bindings, [binding])
    const maintenance = await store.get(keys.maintenance(environment, service))
    if (maintenance !== undefined) add(catalog.maintenances, [maintenance])
    const routes = await store.range(keys.publicRoutes(environment))
    add(catalog.publicRoutes, routes.entries.filter(leadsTo(catalog, service)))
  }
  return found
}

/** Routes are kept by their names: which service one leads to stands in the record alone. */
function leadsTo(catalog: Catalog, service: string): (entry: StoreEntry) => boolean {
  return (entry) =>
    catalog.publicRoutes.readAll([entry]).records.some(({record}) => record.service === service)
}

/** The service itself goes with the last of them: until then it is there to be removed again. */
async function removeAll(
  catalog: Catalog,
  service: Stored<Service>,
  entries: readonly StoreEntry[],
): Promise<void> {
  const key = keys.service(service.record.name)
  const rest = [...entries]
  do {
    const batch = rest.splice(0, maxWrites)
    const compares = [unchanged(key, service), ...batch.map((entry) => unchanged(entry.key, entry))]
    const writes = batch.map((entry) => ({delete: entry.key}))
    const last = rest.length === 0 ? [{delete: key}] : []
    await catalog.commit(`Can't remove ${service.record.name}`, compares, [...writes, ...last])
  } while (rest.length > 0)
}

const shownPlaces = 5

function inUse(service: string, places: readonly string[]): YardError {
  const more = places.length > shownPlaces ? ` and ${places.length - shownPlaces} more` : ''
  return new YardError('E_SERVICE_IN_USE', {
    what: `Can't remove ${service}`,
    why: `it has instances: ${places.slice(0, shownPlaces).join(', ')}${more}`,
    next: [`yard services show ${service}`, `yard instances list ${service}`],
    details: {service, instances: places.slice(0, 100)},
  })
}

function shownId(id: string): string {
  return /^[\w.@-]{1,130}$/.test(id) ? id : printable(id)
}
