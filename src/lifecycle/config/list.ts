import {type Catalog} from '../../catalog/catalog.js'
import {readConfig} from '../../catalog/config.js'
import {reportBad} from '../../catalog/report-bad.js'
import {type Report} from '../../contracts/report.js'
import {effectiveConfig, type EffectiveVariable} from '../../domain/config-merge.js'
import {type ConfigTarget, findTarget} from './target.js'

export interface ConfigListNeeds {
  catalog: Catalog
  report: Report
}

export interface ConfigListRequest extends ConfigTarget {
  /** `env:` of the service's own service.yaml, where it is at hand; asked once the service is known to be there. */
  file: () => Promise<Readonly<Record<string, string>>>
}

/** One variable as a service gets it; never the value of a secret. */
export interface ConfigLine extends Omit<EffectiveVariable, 'content'> {
  kind: EffectiveVariable['content']['kind']
  /** Of a plain one. */
  value?: string
  /** Where a reference leads. */
  reference?: string
}

/**
 * What the next release of a service gets in an environment, or what all services there share; by name.
 * @throws YardError E_SERVICE_UNKNOWN, E_ENVIRONMENT_UNKNOWN
 */
export async function listConfig(needs: ConfigListNeeds, request: ConfigListRequest): Promise<ConfigLine[]> {
  return (await readEffective(needs, request)).map(withoutSecret)
}

/** The same with what is sealed, for those who go on with it. */
export async function readEffective(
  {catalog, report}: ConfigListNeeds,
  request: ConfigListRequest,
): Promise<EffectiveVariable[]> {
  const {environment, service} = await findTarget(catalog, request)
  const {bad, ...layers} = await readConfig(catalog, environment, service)
  reportBad(report, bad)
  return effectiveConfig({...layers, file: await request.file()})
}

function withoutSecret({content, ...variable}: EffectiveVariable): ConfigLine {
  const {kind} = content
  if (content.kind === 'plain') return {...variable, kind, value: content.value}
  return {...variable, kind, ...(content.kind === 'reference' && {reference: content.reference})}
}
