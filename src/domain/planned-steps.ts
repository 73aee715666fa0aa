import {type DeployStepName} from './deploy.js'
import {lastWatchMillis, type Strategy} from './strategy.js'

/** One step at its place in a deploy. Those of a batch of hosts have its number, from 1, when there are several. */
export interface PlannedStep {
  step: DeployStepName
  batch?: number
}

export interface PlannedRollout {
  kind: 'local' | 'hosts'
  strategy: Strategy
  /** How many there are. */
  batches: number
}

/** The steps of a deploy in the order in which they are done; each has its row in the journal at its place here. */
export function plannedSteps({batches, kind, strategy}: PlannedRollout): PlannedStep[] {
  const before: DeployStepName[] = [
    'recover',
    'build',
    'release',
    ...(kind === 'hosts' ? (['check'] as const) : []),
    'unpack',
    'prepare',
  ]
  const inBatches = Array.from({length: Math.max(1, batches)}, (_, place) =>
    batchSteps(strategy, place).map((step) => ({step, ...(batches > 1 && {batch: place + 1})})),
  )
  const watch: DeployStepName[] = lastWatchMillis(strategy) > 0 ? ['bake'] : []
  const after: DeployStepName[] = ['smoke', ...watch, 'drain', 'prune']
  return [...before.map((step) => ({step})), ...inBatches.flat(), ...after.map((step) => ({step}))]
}

/** The first batch of a canary is watched before the others follow. */
function batchSteps({kind}: Strategy, place: number): DeployStepName[] {
  if (kind === 'blue-green') return ['start', 'health', 'verify', 'move']
  if (kind === 'canary' && place === 0) return ['start', 'health', 'verify', 'move', 'bake']
  return ['start', 'health', 'move']
}

/** The place of a step, from 1; a step that the plan hasn't comes after all of it. */
export function placeOf(plan: readonly PlannedStep[], wanted: PlannedStep): number {
  const place = plan.findIndex(({batch, step}) => step === wanted.step && batch === wanted.batch)
  return place === -1 ? plan.length + 1 : place + 1
}
