import {parseByteSize} from './byte-size.js'
import {parseDuration} from './duration.js'
import {type Problem} from './schema.js'
import {strategyProblems} from './service-file-deploy.js'
import {type ServiceFileText} from './service-file-schema.js'
import {hookProblems} from './written-hooks.js'

/** What can't be true of a service file whose parts are each as they should be. */
export function serviceFileProblems(file: ServiceFileText): Problem[] {
  return [
    ...timeProblems(file),
    ...healthProblems(file),
    ...limitProblems(file),
    ...strategyProblems(file.deploy).map((problem) => ({...problem, path: ['deploy', ...problem.path]})),
    ...hookProblems(file.hooks),
    ...callProblems(file),
  ]
}

const longestMillis = 3_600_000

function timeProblems(file: ServiceFileText): Problem[] {
  const times: [path: string[], value: string | undefined][] = [
    [['buildTimeout'], file.buildTimeout],
    [['health', 'timeout'], file.health?.timeout],
    [['health', 'stable'], file.health?.stable],
    [['health', 'stays'], file.health?.stays],
    [['drain', 'timeout'], file.drain?.timeout],
    [['drain', 'websockets'], file.drain?.websockets],
    [['stop', 'grace'], file.stop?.grace],
    [['routing', 'slowStart'], file.routing?.slowStart],
    [['deploy', 'bake'], file.deploy?.bake],
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

/** A service is well in one way. */
function healthProblems({health = {}}: ServiceFileText): Problem[] {
  const [first, ...others] = (['path', 'tcp', 'stays'] as const).filter((key) => health[key] !== undefined)
  const problems: Problem[] = others.map((key) => ({
    path: ['health', key],
    message: `can't be there beside ${first ?? ''}: a service is well in one way`,
  }))
  if (health.stays !== undefined && health.stable !== undefined) {
    problems.push({path: ['health', 'stable'], message: 'is what stays says already'})
  }
  return problems
}

const leastMemoryBytes = 1_048_576

function limitProblems({limits}: ServiceFileText): Problem[] {
  const bytes = limits?.memory === undefined ? undefined : parseByteSize(limits.memory)
  return bytes !== undefined && bytes < leastMemoryBytes
    ? [{path: ['limits', 'memory'], message: 'must be at least 1MB'}]
    : []
}

function callProblems({calls = [], name}: ServiceFileText): Problem[] {
  return calls.flatMap((called, index) =>
    called === name ? [{path: ['calls', index], message: 'names the service itself'}] : [],
  )
}
