import * as v from 'valibot'

import {parseDuration} from './duration.js'
import {suggestName, namePattern} from './names.js'
import {check, type Checked, environmentVariables, type Problem, prose, urlPath} from './schema.js'
import {type Drain, type Health} from './service.js'
import {isReservedVariable} from './variable-names.js'
import {withoutUnknownKeys} from './unknown-keys.js'

export const serviceFileName = 'service.yaml'
/** Larger files are refused unread. */
export const maxServiceFileBytes = 64 * 1024

const described = <S extends v.GenericSchema>(schema: S, description: string) =>
  v.pipe(schema, v.description(description))

const duration = v.pipe(
  v.string('must be a time such as 30s, 500ms or 2m'),
  v.regex(/^(?:[0-9]{1,9}(?:\.[0-9]{1,3})?(?:ms|s|m|h))+$/, 'must be a time such as 30s, 500ms or 2m'),
)

const command = v.pipe(
  v.string('must be a command line'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(2_000, 'must be at most 2000 characters'),
  v.regex(/^[^\0]*$/, 'holds a NUL'),
)

const glob = v.pipe(
  v.string('must be a glob such as smoke/**/*.hurl'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(200, 'must be at most 200 characters'),
  v.regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\0\\]*$/, 'must stay below the service directory'),
)

const list = <S extends v.GenericSchema>(item: S) =>
  v.pipe(v.array(item, 'must be a list'), v.maxLength(100, 'must have at most 100 entries'))

const group = <E extends v.ObjectEntries>(entries: E) =>
  v.strictObject(entries, (issue) =>
    issue.received === 'undefined' ? 'is missing' : 'must be a group of keys and values',
  )

/** `service.yaml`, as it is written. Free of transformations, so that editors get a JSON Schema of it. */
export const serviceFileSchema = group({
  name: described(
    v.pipe(
      v.string('must be text'),
      v.regex(
        namePattern,
        'must be 1 to 40 lower-case letters, digits and single dashes, starting with a letter',
      ),
    ),
    'The name of the service, the same everywhere: catalog, routing header, host name.',
  ),
  owner: described(prose(200), 'Who answers for the service: a team or a mail address.'),
  description: described(prose(500), 'What the service is for, in one sentence.'),
  port: v.optional(
    described(
      v.pipe(
        v.number('must be a port number from 1 to 65535'),
        v.integer('must be a port number from 1 to 65535'),
        v.minValue(1, 'must be a port number from 1 to 65535'),
        v.maxValue(65_535, 'must be a port number from 1 to 65535'),
      ),
      'The port in development. Deployed instances are given one in $PORT.',
    ),
  ),
  build: v.optional(
    described(
      list(command),
      'Commands run one after another in a clean copy of the commit; what is left is shipped.',
    ),
  ),
  buildTimeout: v.optional(described(duration, 'How long the build may take in all. 10m unless given.')),
  health: v.optional(
    described(
      group({
        path: v.optional(
          described(
            v.pipe(v.string('must be a path such as /readyz'), urlPath),
            'Answers 2xx when the instance wants traffic. /readyz unless given.',
          ),
        ),
        timeout: v.optional(
          described(
            duration,
            'How long a new instance may take to its first ready answer. 30s unless given.',
          ),
        ),
        stable: v.optional(
          described(
            duration,
            'How long it must then stay ready before traffic moves to it. 3s unless given.',
          ),
        ),
      }),
      'How a new instance proves that it may get traffic.',
    ),
  ),
  drain: v.optional(
    described(
      group({
        timeout: v.optional(
          described(duration, 'How long an old instance may finish the requests it has. 30s unless given.'),
        ),
      }),
      'How an old instance is relieved of its traffic.',
    ),
  ),
  stop: v.optional(
    described(
      group({
        grace: v.optional(described(duration, 'How long after SIGTERM comes SIGKILL. 10s unless given.')),
      }),
      'How an old instance is ended.',
    ),
  ),
  smoke: v.optional(
    described(list(glob), 'Smoke files, run after traffic moved. smoke/**/*.hurl unless given.'),
  ),
  calls: v.optional(
    described(
      list(
        v.pipe(
          v.string('must be the name of a service'),
          v.regex(namePattern, 'must be the name of a service'),
        ),
      ),
      'The services that this one calls. It has to be a consumer of each: yard consumers add NAME --of CALLED.',
    ),
  ),
  env: v.optional(
    described(
      v.record(
        v.pipe(
          v.string(),
          v.regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be a variable name such as LOG_LEVEL'),
        ),
        v.pipe(v.union([v.string(), v.number(), v.boolean()], 'must be text, a number, true or false')),
        'must be a group of names and values',
      ),
      'Variables for every environment that are not secret.',
    ),
  ),
})

export type ServiceFileText = v.InferOutput<typeof serviceFileSchema>

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
    variables: Object.fromEntries(Object.entries(file.env ?? {}).map(([key, value]) => [key, String(value)])),
  }
}

function millisOf(value: string | undefined, otherwise: number): number {
  return value === undefined ? otherwise : (parseDuration(value) ?? otherwise)
}

const longestMillis = 3_600_000

function timeProblems(file: ServiceFileText): Problem[] {
  const times: [path: string[], value: string | undefined][] = [
    [['buildTimeout'], file.buildTimeout],
    [['health', 'timeout'], file.health?.timeout],
    [['health', 'stable'], file.health?.stable],
    [['drain', 'timeout'], file.drain?.timeout],
    [['stop', 'grace'], file.stop?.grace],
  ]
  return times
    .filter(([, value]) => value !== undefined && (parseDuration(value) ?? Infinity) > longestMillis)
    .map(([path]) => ({path, message: 'must be at most 1h'}))
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
