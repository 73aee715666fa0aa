import {parseByteSize} from './byte-size.js'
import {parseDuration} from './duration.js'
import {suggestName} from './names.js'
import {check, type Checked, environmentVariables, type Problem} from './schema.js'
import {type RoutedSettings} from './routing.js'
import {declaredDeploy, type DeclaredDeploy} from './service-file-deploy.js'
import {serviceFileProblems} from './service-file-problems.js'
import {serviceFileGroupSchema, type ServiceFileText} from './service-file-schema.js'
import {type Drain, type Health, type Hooks, type Limits} from './service.js'
import {isReservedVariable, isShellsOwnVariable} from './variable-names.js'
import {withoutUnknownKeys} from './unknown-keys.js'
import {hooksOf, withHookGroups} from './written-hooks.js'

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
  /** What an instance may take at most; absent: no limits. */
  limits?: Limits
  /** Programs that a host must have; sorted, each once. */
  needs: string[]
  /** Only what is given. */
  deploy: DeclaredDeploy
  /** Absent: none. */
  hooks?: Hooks
  variables: Record<string, string>
}

/** Checks the value of a `service.yaml`; all problems are listed, each with the path to its place. Never throws. */
export function checkServiceFile(value: unknown): Checked<ServiceFile> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const message = value === undefined ? 'is empty' : 'must be a group of keys and values'
    return {ok: false, problems: [{path: [], message}]}
  }
  const {stripped, problems} = withoutUnknownKeys(
    withHookGroups(value),
    serviceFileGroupSchema,
    serviceFileName,
  )
  const checked = check(serviceFileGroupSchema, stripped)
  if (!checked.ok) return {ok: false, problems: [...problems, ...checked.problems.map(withSuggestion(value))]}
  const filled = fillDefaults(checked.value)
  const variables = check(environmentVariables, filled.variables)
  if (!variables.ok) {
    problems.push(...variables.problems.map(({path, message}) => ({path: ['env', ...path], message})))
  }
  problems.push(...reservedVariables(filled.variables), ...serviceFileProblems(checked.value))
  return problems.length > 0 ? {ok: false, problems} : {ok: true, value: filled}
}

function fillDefaults(file: ServiceFileText): ServiceFile {
  const [limits, hooks] = [limitsOf(file.limits), hooksOf(file.hooks)]
  return {
    name: file.name,
    owner: file.owner,
    description: file.description,
    ...(file.port !== undefined && {port: file.port}),
    build: file.build ?? [],
    buildTimeoutMillis: millisOf(file.buildTimeout, 600_000),
    health: healthOf(file.health),
    drain: {
      timeoutMillis: millisOf(file.drain?.timeout, 30_000),
      graceMillis: millisOf(file.stop?.grace, 10_000),
      ...(file.drain?.websockets !== undefined && {webSocketMillis: parseDuration(file.drain.websockets)}),
    },
    smoke: file.smoke ?? ['smoke/**/*.hurl'],
    calls: [...new Set(file.calls)].sort(),
    routing: routingOf(file.routing),
    ...(limits !== undefined && {limits}),
    needs: [...new Set(file.needs)].sort(),
    deploy: declaredDeploy(file.deploy),
    ...(hooks !== undefined && {hooks}),
    variables: Object.fromEntries(Object.entries(file.env ?? {}).map(([key, value]) => [key, String(value)])),
  }
}

function millisOf(value: string | undefined, otherwise: number): number {
  return value === undefined ? otherwise : (parseDuration(value) ?? otherwise)
}

/** Its keys stand in the order of the record's schema, which makes reading it fast. */
function healthOf({path, stable, stays, tcp, timeout}: NonNullable<ServiceFileText['health']> = {}): Health {
  return {
    ...(tcp === true && {kind: 'tcp'}),
    ...(stays !== undefined && {kind: 'none'}),
    path: path ?? '/readyz',
    timeoutMillis: millisOf(timeout, 30_000),
    stableMillis: millisOf(stays ?? stable, 3_000),
  }
}

function limitsOf({memory, tasks}: NonNullable<ServiceFileText['limits']> = {}): Limits | undefined {
  const memoryBytes = memory === undefined ? undefined : parseByteSize(memory)
  if (memoryBytes === undefined && tasks === undefined) return undefined
  return {...(memoryBytes !== undefined && {memoryBytes}), ...(tasks !== undefined && {tasks})}
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

function reservedVariables(variables: Record<string, string>): Problem[] {
  return Object.keys(variables)
    .filter((name) => isReservedVariable(name) || isShellsOwnVariable(name))
    .map((name) => ({
      path: ['env', name],
      message: isReservedVariable(name)
        ? "is set by yard and can't be given here"
        : 'belongs to the shell that starts the processes, which would not pass it on',
    }))
}

function withSuggestion(file: unknown): (problem: Problem) => Problem {
  return (problem) => {
    const given = (file as {name?: unknown} | undefined)?.name
    if (problem.path.join('.') !== 'name' || typeof given !== 'string') return problem
    const suggestion = suggestName(given)
    return suggestion === undefined ? problem : {...problem, message: `${problem.message}; try ${suggestion}`}
  }
}
