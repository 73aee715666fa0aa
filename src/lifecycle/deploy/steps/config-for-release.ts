import {type Catalog} from '../../../catalog/catalog.js'
import {readConfig} from '../../../catalog/config.js'
import {readConsumerTokens} from '../../../catalog/consumer-tokens.js'
import {keys} from '../../../catalog/keys.js'
import {reportBad} from '../../../catalog/report-bad.js'
import {type Report} from '../../../contracts/report.js'
import {effectiveConfig, releaseConfig} from '../../../domain/config-merge.js'
import {type Release} from '../../../domain/release.js'
import {type Target} from '../run.js'

export interface ConfigOfRelease {
  variables: Release['variables']
  secrets: NonNullable<Release['secrets']>
}

/** Names of variables, never their values. */
export interface ConfigDifference {
  added: string[]
  changed: string[]
  removed: string[]
}

/** What a release made now has in its environment; secrets stay sealed. */
export async function configForRelease(
  {catalog, report}: {catalog: Catalog; report: Report},
  {environment, service}: Pick<Target, 'environment' | 'service'>,
  fileVariables: Readonly<Record<string, string>>,
): Promise<ConfigOfRelease> {
  const {bad, ...config} = await readConfig(catalog, environment.name, service)
  const tokens = await readConsumerTokens(catalog, service)
  reportBad(report, [...bad, ...tokens.bad])
  const set = releaseConfig(effectiveConfig({...config, file: fileVariables}))
  return {variables: set.variables, secrets: {...set.secrets, ...tokens.secrets}}
}

/** What a release made now has otherwise than the live one; undefined when there is no live one. */
export async function configDifference(
  needs: {catalog: Catalog; report: Report},
  target: Target,
  {active, fileVariables}: {active: number | undefined; fileVariables: Readonly<Record<string, string>>},
): Promise<ConfigDifference | undefined> {
  if (active === undefined) return undefined
  const live = await needs.catalog.releases.get(keys.release(target.service, active))
  if (live === undefined) return undefined
  const before = contentByName(live.record)
  const after = contentByName(await configForRelease(needs, target, fileVariables))
  const names = [...new Set([...before.keys(), ...after.keys()])].sort()
  return {
    added: names.filter((name) => !before.has(name)),
    changed: names.filter(
      (name) => before.has(name) && after.has(name) && before.get(name) !== after.get(name),
    ),
    removed: names.filter((name) => !after.has(name)),
  }
}

function contentByName({
  secrets = {},
  variables,
}: Pick<Release, 'secrets' | 'variables'>): Map<string, string> {
  return new Map([
    ...Object.entries(variables),
    ...Object.entries(secrets).map(([name, content]) => [name, JSON.stringify(content)] as const),
  ])
}
