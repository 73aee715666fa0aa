import {
  type DeclaredDeploy,
  strategyOf,
  strategyProblems,
  type WrittenStrategy,
} from '../../domain/service-file-deploy.js'
import {batchesOf, defaultStrategy, type FailurePolicy, type Strategy} from '../../domain/strategy.js'
import {YardError} from '../../errors.js'
import {type Target} from './run.js'

/** How a person wants a rollout to be, where it differs from what the service file says. */
export interface RolloutWishes {
  strategy?: WrittenStrategy
  onFailure?: FailurePolicy
  /** How long connections that stay open, such as WebSockets, may keep an old instance. */
  webSocketMillis?: number
}

/** Which hosts get the release, in which order and how. */
export interface RolloutPlan {
  hosts: string[]
  /** Those that `--hosts` leaves out. */
  leftOut: string[]
  strategy: Strategy
  /** The hosts, in the groups in which they get the release. */
  batches: string[][]
  onFailure: FailurePolicy
  webSocketMillis?: number
}

/**
 * The strategy, and the hosts in the groups in which they get the release.
 * @throws YardError E_USAGE for wishes that don't go together
 */
export function rolloutPlan(
  target: Target,
  wishes: RolloutWishes,
  declared: DeclaredDeploy = {},
): RolloutPlan {
  const strategy = wantedStrategy(wishes.strategy, declared.strategy)
  const onFailure = wishes.onFailure ?? declared.onFailure ?? 'rollback'
  const hosts = target.hosts.map(({name}) => name)
  if (strategy.kind === 'blue-green' && target.leftOut.length > 0) throw onlyAll()
  return {
    strategy,
    batches: batchesOf(hosts, strategy),
    onFailure,
    hosts,
    leftOut: target.leftOut.map(({name}) => name),
    ...(wishes.webSocketMillis !== undefined && {webSocketMillis: wishes.webSocketMillis}),
  }
}

/** What is given wins over what the service file says of the same strategy. */
function wantedStrategy(given: WrittenStrategy = {}, declared: Strategy | undefined): Strategy {
  const usual = declared ?? defaultStrategy
  const kind = given.strategy ?? usual.kind
  const [problem] = strategyProblems({...given, strategy: kind})
  if (problem !== undefined) throw unfit(problem.path.join('.'), problem.message)
  const wanted = strategyOf({...given, strategy: kind})
  if (declared === undefined || declared.kind !== kind) return wanted
  return {
    ...wanted,
    ...('batch' in declared && given.batch === undefined && {batch: declared.batch}),
    ...('weight' in declared && given.weight === undefined && {weight: declared.weight}),
    ...(declared.bakeMillis !== undefined && given.bake === undefined && {bakeMillis: declared.bakeMillis}),
  }
}

function unfit(flag: string, message: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't use --${flag} here`,
    why: `it ${message.replace('strategy: ', '--strategy ')}`,
    next: [
      'yard deploy --strategy canary --weight 10 --bake 2m',
      'yard deploy --strategy rolling --batch 25%',
    ],
  })
}

function onlyAll(): YardError {
  return new YardError('E_USAGE', {
    what: "Can't use --hosts here",
    why: 'blue-green moves the traffic of all hosts at once',
    next: ['yard deploy --strategy rolling --hosts web-1', 'yard deploy --strategy blue-green'],
  })
}
