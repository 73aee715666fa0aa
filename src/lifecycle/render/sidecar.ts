import {type Catalog} from '../../catalog/catalog.js'
import {findEnvironment, findHost} from '../../catalog/find.js'
import {type Report} from '../../contracts/report.js'
import {sidecarUnits, type UnitFile} from '../sidecar/units.js'

export interface RenderSidecarRequest {
  environment: string
  host: string
  /** Where the sidecar finds the catalog: `etcd://10.0.0.1:2379`. */
  catalogUrl: string
  declaredEnvironments: readonly string[]
}

export interface RenderSidecarReport {
  environment: string
  host: string
  files: UnitFile[]
}

/**
 * The systemd units of a host that runs a sidecar. Changes nothing.
 * @throws YardError E_ENVIRONMENT_UNKNOWN, E_HOST_UNKNOWN, E_USAGE for what can't stand in a unit
 */
export async function renderSidecar(
  {catalog, report}: {catalog: Catalog; report: Report},
  request: RenderSidecarRequest,
): Promise<RenderSidecarReport> {
  const {catalogUrl, declaredEnvironments} = request
  const environment = await findEnvironment(catalog, request.environment, declaredEnvironments)
  const host = (await findHost(catalog, environment.name, request.host)).record.name
  if (catalogUrl.startsWith('sqlite:')) {
    const text = `${catalogUrl} is a file of this machine: a sidecar elsewhere needs an etcd or a yard serve`
    report({kind: 'warning', text})
  }
  const files = sidecarUnits({environment: environment.name, host, catalogUrl})
  return {environment: environment.name, host, files}
}
