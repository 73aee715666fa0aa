import {parseDuration} from './duration.js'
import {suggestName} from './names.js'
import {check, type Checked, environmentVariables, type Problem} from './schema.js'
import {type RoutedSettings} from './routing.js'
import {serviceFileSchema, type ServiceFileText} from './service-file-schema.js'
import {type Drain, type Health} from './service.js'
import {isReservedVariable} from './variable-names.js'
import {withoutUnknownKeys} from './unknown-keys.js'

export const serviceFileName = 'service.yaml'
/** Larger files are refused unread. */
export const maxServiceFileBytes = 64 * 1024

/** A service file with its defaults filled in and its times in milliseconds. */
export interface ServiceFile {
  name: string
  owner: string
  description: string
  port?: number
  build: string[]
  buildTimeoutMillis: number
  health: Health
  drain: Drain
  smoke: string[]
  /** Sorted, each once. */
  calls: string[]
  /** Only what is given. */
  routing: RoutedSettings
  variables: Record<string, string>
}

/** Checks the value of a `service.yaml`; all problems are listed, each with the path to its place. Never throws. */
export function checkServiceFile(value: unknown): Checked<ServiceFile> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const message = value === undefined ? 'is empty' : 'must be a group of keys and values'
    return {ok: false, problems: [{path: [], message}]}
  }
  const {stripped, problems} = withoutUnknownKeys(value, serviceFileSchema, serviceFileName)
  const checked = check(serviceFileSchema, stripped)
  if (!checked.ok) return {ok: false, problems: [...problems, ...checked.problems.map(withSuggestion(value))]}
  const filled = fillDefaults(checked.value)
  const variables = check(environmentVariables, filled.variables)
  if (!variables.ok) {
    problems.push(...variables.problems.map(({path, message}) => ({path: ['env', ...path], message})))
  }
  problems.push(
    ...reservedVariables(filled.variables),
    ...timeProblems(checked.value),
    ...callProblems(checked.value),
  )
  return problems.length > 0 ? {ok: false, problems} : {ok: true, value: filled}
}

function fillDefaults(file: ServiceFileText): ServiceFile {
  return {
    name: file.name,
    owner: file.owner,
    description: file.description,
    ...(file.port !== undefined && {port: file.port}),
    build: file.build ?? [],
    buildTimeoutMillis: millisOf(file.buildTimeout, 600_000),
    health: {
      path: file.health?.path ?? '/readyz',
      timeoutMillis: millisOf(file.health?.timeout, 30_000),
      stableMillis: millisOf(file.health?.stable, 3_000),
    },
    drain: {
      timeoutMillis: millisOf(file.drain?.timeout, 30_000),
      graceMillis: millisOf(file.stop?.grace, 10_000),
    },
    smoke: file.smoke ?? ['smoke/**/*.hurl'],
    calls: [...new Set(file.calls)].sort(),
    routing: routingOf(file.routing),
    variables: Object.fromEntries(Object.entries(file.env ?? {}).map(([key, value]) => [key, String(value)])),
  }
}

function millisOf(value: string | undefined, otherwise: number): number {
  return value === undefined ? otherwise : (parseDuration(value) ?? otherwise)
}

function routingOf(given: ServiceFileText['routing'] = {}): RoutedSettings {
  const {connectTimeout, maxConnections, queueTimeout, retries, slowStart, timeout} = given
  return {
    ...(timeout !== undefined && {responseMillis: parseDuration(timeout)}),
    ...(connectTimeout !== undefined && {connectMillis: parseDuration(connectTimeout)}),
    ...(queueTimeout !== undefined && {queueMillis: parseDuration(queueTimeout)}),
    ...(maxConnections !== undefined && {maxConnections}),
    // No slow start is what happens without one.
    ...(slowStart !== undefined &&
      parseDuration(slowStart) !== 0 && {slowStartMillis: parseDuration(slowStart)}),
    ...(retries !== undefined && {retries}),
  }
}

const longestMillis = 3_600_000

function timeProblems(file: ServiceFileText): Problem[] {
  const times: [path: string[], value: string | undefined][] = [
    [['buildTimeout'], file.buildTimeout],
    [['health', 'timeout'], file.health?.timeout],
    [['health', 'stable'], file.health?.stable],
    [['drain', 'timeout'], file.drain?.timeout],
    [['stop', 'grace'], file.stop?.grace],
    [['routing', 'slowStart'], file.routing?.slowStart],
    ...routingTimes(file),
  ]
  const tooLong = times
    .filter(([, value]) => value !== undefined && (parseDuration(value) ?? Infinity) > longestMillis)
    .map(([path]) => ({path, message: 'must be at most 1h'}))
  // HAProxy reads a time of nothing as one without an end.
  const nothing = routingTimes(file)
    .filter(([, value]) => value !== undefined && parseDuration(value) === 0)
    .map(([path]) => ({path, message: 'must be at least 1ms'}))
  return [...tooLong, ...nothing]
}

function routingTimes({routing}: ServiceFileText): [path: string[], value: string | undefined][] {
  return [
    [['routing', 'timeout'], routing?.timeout],
    [['routing', 'connectTimeout'], routing?.connectTimeout],
    [['routing', 'queueTimeout'], routing?.queueTimeout],
  ]
}

function callProblems({calls = [], name}: ServiceFileText): Problem[] {
  return calls.flatMap((called, index) =>
    called === name ? [{path: ['calls', index], message: 'names the service itself'}] : [],
  )
}

function reservedVariables(variables: Record<string, string>): Problem[] {
  return Object.keys(variables)
    .filter(isReservedVariable)
    .map((name) => ({path: ['env', name], message: "is set by yard and can't be given here"}))
}

function withSuggestion(file: unknown): (problem: Problem) => Problem {
  return (problem) => {
    const given = (file as {name?: unknown} | undefined)?.name
    if (problem.path.join('.') !== 'name' || typeof given !== 'string') return problem
    const suggestion = suggestName(given)
    return suggestion === undefined ? problem : {...problem, message: `${problem.message}; try ${suggestion}`}
  }
}
