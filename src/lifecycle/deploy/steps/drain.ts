import {type Release} from '../../../domain/release.js'
import {checkStillReady} from './health.js'
import {instancesOf, isLeaving, patienceOf} from '../instances.js'
import {retire} from '../undo/retire.js'
import {type DeployRun, type StepResult} from '../run.js'
import {reasonOf} from '../step-failure.js'

/** Lets the old instances finish what they have and ends them, as long as the new ones hold. */
export async function drain(run: DeployRun, release: Release): Promise<StepResult> {
  await checkStillReady(run, release)
  const old = (await instancesOf(run)).map(({record}) => record).filter((one) => isLeaving(run, one))
  if (old.length === 0) {
    run.isFinal = true
    return {skipped: true, detail: 'no older instance'}
  }
  for (const number of new Set(old.map((one) => one.release))) {
    const ids = old.filter((one) => one.release === number).map(({id}) => id)
    const patience = await patienceOf(run, number)
    try {
      await retire(run, ids, {
        step: 'drain',
        signal: run.signal,
        // The step that moved the traffic waited for that.
        isKnown: true,
        ...patience,
        beforeEnd: async () => {
          await checkStillReady(run, release)
          run.isFinal = true
        },
      })
    } catch (error) {
      if (!run.isFinal) throw error
      const text = `${ids.join(', ')} could not be removed yet: ${reasonOf(error)}; the next deploy removes it`
      run.needs.report({kind: 'warning', text})
    }
  }
  run.isFinal = true
  const ids = old.map(({id}) => id)
  return {detail: ids.length > 6 ? `${ids.length} instances` : ids.join(', ')}
}
