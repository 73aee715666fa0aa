import {CookieJar} from '../../domain/smoke/cookies.js'
import {type SmokeFileReport, type SmokeStepReport} from '../../domain/smoke/report.js'
import {type FileState} from './file-state.js'
import {type LoadedSmokeFile} from './load-files.js'
import {type SmokeNeeds} from './needs.js'
import {runStep} from './run-step.js'
import {type SmokeRun} from './run.js'

export interface FileRun {
  report: SmokeFileReport
  /** Some request got a response. */
  wasAnswered: boolean
  /** Some request found nobody to connect to. */
  couldNotConnect: boolean
}

/** Runs the steps of a file in order, up to the first that fails. */
export async function runSmokeFile(
  needs: SmokeNeeds,
  run: SmokeRun,
  loaded: LoadedSmokeFile,
): Promise<FileRun> {
  const started = needs.clock.monotonicMillis()
  const {entries} = loaded.file
  const lines = loaded.text.split(/\r?\n/)
  const steps: SmokeStepReport[] = []
  const state: FileState = {
    variables: new Map(run.variables),
    cookies: new CookieJar(),
    requests: 0,
    wasAnswered: false,
    couldNotConnect: false,
  }
  for (const [index, entry] of entries.entries()) {
    if (needs.signal.aborted) break
    const title = (lines[entry.request.position.line - 1] ?? '').trim().slice(0, 200)
    const step = await runStep(needs, run, state, {entry, number: index + 1, title})
    steps.push(step)
    if (step.outcome === 'failed') break
  }
  const isPassed = steps.length === entries.length && steps.every(({outcome}) => outcome !== 'failed')
  return {
    report: {
      file: loaded.name,
      outcome: isPassed ? 'passed' : 'failed',
      millis: Math.round(needs.clock.monotonicMillis() - started),
      requests: state.requests,
      steps,
      notRun: entries.length - steps.length,
    },
    wasAnswered: state.wasAnswered,
    couldNotConnect: state.couldNotConnect,
  }
}
