import {type Catalog} from '../../catalog/catalog.js'
import {findEnvironment} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {reportBad} from '../../catalog/report-bad.js'
import {type Report} from '../../contracts/report.js'
import {type Maintenance} from '../../domain/maintenance.js'

export interface MaintenancesReport {
  environment: string
  /** Sorted by service. */
  closed: Pick<Maintenance, 'by' | 'message' | 'service' | 'since'>[]
}

/**
 * The services that are closed. Records that can't be trusted are reported and left out.
 * @throws YardError E_ENVIRONMENT_UNKNOWN
 */
export async function listMaintenances(
  {catalog, report}: {catalog: Catalog; report: Report},
  request: {environment: string; declaredEnvironments: readonly string[]},
): Promise<MaintenancesReport> {
  const {name} = await findEnvironment(catalog, request.environment, request.declaredEnvironments)
  const {bad, records} = await catalog.maintenances.list(keys.maintenances(name))
  reportBad(report, bad)
  const closed = records.map(({record: {by, message, service, since}}) => ({service, message, since, by}))
  return {environment: name, closed}
}
