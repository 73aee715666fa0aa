import {type Catalog} from '../../catalog/catalog.js'
import {unchanged} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {nearestWord} from '../../domain/nearest.js'
import {YardError} from '../../errors.js'
import {type ConfigTarget, findTarget, type FoundTarget} from './target.js'

export interface ConfigUnsetRequest extends ConfigTarget {
  names: readonly string[]
  dryRun: boolean
}

export interface ConfigUnsetReport {
  environment: string
  /** Absent: shared by all services of the environment. */
  service?: string
  dryRun: boolean
  names: string[]
  /** The release that goes on with them until the next deploy. */
  live?: number
}

/** All are removed together, so there are at most as many as a transaction takes beside what it compares. */
const mostNames = 100

/**
 * Removes variables: all of them, or none.
 * @throws YardError E_CONFIG_UNKNOWN, E_SERVICE_UNKNOWN, E_ENVIRONMENT_UNKNOWN, E_USAGE, E_CONFLICT
 */
export async function unsetConfig(
  {catalog}: {catalog: Catalog},
  request: ConfigUnsetRequest,
): Promise<ConfigUnsetReport> {
  const names = [...request.names]
  if (names.length === 0 || names.length > mostNames) throw wrongCount(names.length)
  const target = await findTarget(catalog, request)
  const {environment, live, service} = target
  const present = await catalog.store.range(keys.config(environment, service))
  const entries = names.map((name) => {
    const key = keys.configValue(environment, service, name)
    const entry = present.entries.find((each) => each.key === key)
    if (entry === undefined) throw unknownVariable(target, name, present.entries.map(nameOf))
    return entry
  })
  if (!request.dryRun) {
    await catalog.commit(
      "Can't unset these variables",
      [...target.compares, ...entries.map((entry) => unchanged(entry.key, entry))],
      entries.map(({key}) => ({delete: key})),
    )
  }
  return {
    environment,
    ...(service !== undefined && {service}),
    dryRun: request.dryRun,
    names,
    ...(live !== undefined && {live}),
  }
}

/** There's no variable of this name where it was looked for. */
export function unknownVariable(
  {environment, service}: Pick<FoundTarget, 'environment' | 'service'>,
  name: string,
  known: readonly string[],
): YardError {
  const nearest = nearestWord(name, known)
  const place = service === undefined ? `the shared config of ${environment}` : `${service} in ${environment}`
  const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`
  return new YardError('E_CONFIG_UNKNOWN', {
    what: `There's no variable ${name} in ${place}`,
    why: known.length === 0 ? 'nothing is set there' : `nothing of this name is set there${meant}`,
    next: [`yard config list ${service ?? '--shared'} --env ${environment}`],
  })
}

function nameOf({key}: {key: string}): string {
  return key.slice(key.lastIndexOf('/') + 1)
}

function wrongCount(count: number): YardError {
  return new YardError('E_USAGE', {
    what: "Can't unset these variables",
    why: count === 0 ? 'none is named' : `at most ${mostNames} go at once`,
    next: ['yard config unset billing LOG_LEVEL'],
  })
}
