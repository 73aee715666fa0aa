import {parseDuration} from './duration.js'
import {type Problem} from './schema.js'
import {type ServiceFileText} from './service-file-schema.js'
import {type BatchSize, defaultStrategy, type FailurePolicy, type Strategy} from './strategy.js'

/** How a service is deployed where the command line says nothing else. */
export interface DeclaredDeploy {
  strategy?: Strategy
  onFailure?: FailurePolicy
}

type DeployText = NonNullable<ServiceFileText['deploy']>

/** A strategy as people write it, in a service file or with flags. */
export type WrittenStrategy = Pick<DeployText, 'strategy' | 'batch' | 'weight' | 'bake'>

const usualWeight = 10
const usualBakeMillis = 120_000

/** Holds only what the file says. */
export function declaredDeploy(written: DeployText = {}): DeclaredDeploy {
  const {onFailure, ...strategy} = written
  return {
    ...(Object.keys(strategy).length > 0 && {strategy: strategyOf(strategy)}),
    ...(onFailure !== undefined && {onFailure}),
  }
}

/** With the usual values for what isn't given. */
export function strategyOf({bake, batch, strategy = 'rolling', weight}: WrittenStrategy): Strategy {
  const bakeMillis = bake === undefined ? undefined : (parseDuration(bake) ?? usualBakeMillis)
  const watched = bakeMillis === undefined || bakeMillis === 0 ? {} : {bakeMillis}
  if (strategy === 'blue-green') return {kind: strategy, ...watched}
  const size = batch === undefined ? undefined : batchSizeOf(batch)
  const usual: BatchSize = defaultStrategy.kind === 'rolling' ? defaultStrategy.batch : {hosts: 1}
  if (strategy === 'rolling') return {kind: strategy, batch: size ?? usual, ...watched}
  return {
    kind: strategy,
    weight: weight ?? usualWeight,
    bakeMillis: bakeMillis ?? usualBakeMillis,
    batch: size ?? usual,
  }
}

/** What stands there and means nothing with this strategy; paths are relative to the strategy's place. */
export function strategyProblems(written: WrittenStrategy = {}): Problem[] {
  const {strategy = 'rolling'} = written
  const problems: Problem[] = []
  if (written.weight !== undefined && strategy !== 'canary') {
    problems.push({path: ['weight'], message: 'means something only with strategy: canary'})
  }
  if (written.batch !== undefined && strategy === 'blue-green') {
    problems.push({path: ['batch'], message: 'means nothing with strategy: blue-green, which is one batch'})
  }
  return problems
}

function batchSizeOf(batch: string | number): BatchSize {
  return typeof batch === 'number' ? {hosts: batch} : {percent: Number(batch.replace('%', ''))}
}
