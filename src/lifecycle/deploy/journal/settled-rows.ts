import {type DeployStep, type DeployStepName} from '../../../domain/deploy.js'
import {type DeployState} from '../../../domain/deploy-state.js'

/** What a deploy that was put back has still done: it is in no traffic and on no host. */
const keptWhenPutBack: ReadonlySet<DeployStepName> = new Set(['build', 'release'])
/** What hosts that were left out still have to go through; the others did, and are passed over. */
const madeUpFor: ReadonlySet<DeployStepName> = new Set([
  'check',
  'unpack',
  'start',
  'health',
  'move',
  'smoke',
  'drain',
  'prune',
])
/** What is done again for a batch of which an instance was lost. */
const aboutInstances: ReadonlySet<DeployStepName> = new Set(['start', 'health', 'verify', 'move'])

/**
 * What the journal of a deploy says that still holds, for one that goes on: steps that were undone since, or that were done
 * for some hosts only, count as begun.
 */
export function settledRows(
  rows: readonly DeployStep[],
  state: DeployState,
  failedHosts: readonly string[],
): DeployStep[] {
  const isReleased = rows.some(({outcome, step}) => step === 'release' && isOver(outcome))
  return rows.map((row) => {
    // Without the release nobody knows any more what was built.
    if (row.step === 'build' && !isReleased) return begun(row, [])
    if (state === 'interrupted' && !keptWhenPutBack.has(row.step)) return begun(row, [])
    if (state === 'partial' && madeUpFor.has(row.step)) return begun(row, without(row, failedHosts))
    return row
  })
}

/** The same for instances that ended since they were started; `batch` is undefined where there is but one. */
export function withoutLost(
  rows: readonly DeployStep[],
  lost: readonly {host: string; batch: number | undefined}[],
): DeployStep[] {
  return rows.map((row) => {
    const hosts = lost.filter(({batch}) => batch === row.batch).map(({host}) => host)
    if (hosts.length === 0 || !aboutInstances.has(row.step)) return row
    return begun(row, without(row, hosts))
  })
}

/** What is told of the hosts of a step but these. */
function without({hosts}: DeployStep, names: readonly string[]): DeployStep['hosts'] {
  return hosts?.filter(({host}) => !names.includes(host))
}

function begun(row: DeployStep, hosts: DeployStep['hosts']): DeployStep {
  return {...row, outcome: isOver(row.outcome) ? 'running' : row.outcome, hosts}
}

function isOver(outcome: DeployStep['outcome']): boolean {
  return outcome === 'done' || outcome === 'skipped'
}
