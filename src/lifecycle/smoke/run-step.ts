import {buildRequest, type EntrySettings, settingsOf} from '../../domain/smoke/evaluation/build-request.js'
import {checkAnswer, type CheckFailure} from '../../domain/smoke/evaluation/check-answer.js'
import {EvaluationFault} from '../../domain/smoke/evaluation/evaluation-fault.js'
import {type Scope} from '../../domain/smoke/evaluation/render.js'
import {rendered} from '../../domain/smoke/evaluation/value.js'
import {shownExchange} from '../../domain/smoke/exchange.js'
import {type SmokeAttempt, type SmokeStepReport} from '../../domain/smoke/report.js'
import {type Entry} from '../../domain/smoke/syntax/tree.js'
import {type FileState} from './file-state.js'
import {type SmokeNeeds} from './needs.js'
import {type SmokeRun} from './run.js'
import {type Exchange, sendRequest} from './send-request.js'

export interface StepRequest {
  entry: Entry
  number: number
  title: string
}

interface AttemptResult {
  attempt: SmokeAttempt
  failures: CheckFailure[]
  exchange?: Exchange
  notes: string[]
}

/** Sends one request, again while it fails and `[Options]` asks for it, and checks what comes back. */
export async function runStep(
  needs: SmokeNeeds,
  run: SmokeRun,
  state: FileState,
  {entry, number, title}: StepRequest,
): Promise<SmokeStepReport> {
  const started = needs.clock.monotonicMillis()
  const {position} = entry.request
  const report = (
    outcome: SmokeStepReport['outcome'],
    attempts: SmokeAttempt[],
    last?: AttemptResult,
  ): SmokeStepReport => ({
    number,
    position,
    title,
    outcome,
    millis: Math.round(needs.clock.monotonicMillis() - started),
    attempts,
    failures: last?.failures ?? [],
    ...(outcome === 'failed' && last?.exchange !== undefined
      ? {exchange: shownExchange(last.exchange.sent, last.exchange.answer, run.redactor)}
      : {}),
    notes: last?.notes ?? [],
  })

  const settings = readSettings(entry, run, state)
  if ('failures' in settings)
    return report('failed', [], {...settings, attempt: {millis: 0, failures: 1}, notes: []})
  if (settings.skip) return report('skipped', [])
  if (!(await pause(needs, run, settings.delayMillis)))
    return report('failed', [], outOfTime(entry, run, 'its delay'))
  const attempts: SmokeAttempt[] = []
  for (;;) {
    const result = await attemptOnce(needs, run, state, entry, settings)
    attempts.push(result.attempt)
    if (result.failures.length === 0) return report('passed', attempts, result)
    const mayRetry = settings.retries === -1 || attempts.length <= settings.retries
    if (!mayRetry || needs.signal.aborted) return report('failed', attempts, result)
    if (!(await pause(needs, run, settings.retryIntervalMillis))) {
      const note = `no time was left for another try (${seconds(run.runTimeoutMillis)} a run)`
      return report('failed', attempts, {...result, notes: [...result.notes, note]})
    }
  }
}

function readSettings(
  entry: Entry,
  run: SmokeRun,
  state: FileState,
): EntrySettings | {failures: CheckFailure[]} {
  const scope: Scope = {variables: state.variables, tools: run.tools}
  try {
    return settingsOf(entry.request.options, scope, (name, value) => state.variables.set(name, value))
  } catch (error) {
    return {failures: [failureOf(error)]}
  }
}

async function attemptOnce(
  needs: SmokeNeeds,
  run: SmokeRun,
  state: FileState,
  entry: Entry,
  settings: EntrySettings,
): Promise<AttemptResult> {
  const started = needs.clock.monotonicMillis()
  const scope: Scope = {variables: state.variables, tools: run.tools}
  const done = (failures: CheckFailure[], exchange?: Exchange): AttemptResult => ({
    attempt: {
      millis: Math.round(needs.clock.monotonicMillis() - started),
      ...(exchange?.answer === undefined ? {} : {status: exchange.answer.status}),
      failures: failures.length,
    },
    failures,
    ...(exchange === undefined ? {} : {exchange}),
    notes: exchange?.notes ?? [],
  })
  try {
    const exchange = await sendRequest(
      needs,
      run,
      state,
      buildRequest(entry.request, scope, settings),
      settings,
    )
    if (exchange.failure !== undefined)
      return done([{kind: 'request', position: entry.request.url.position, ...exchange.failure}], exchange)
    if (exchange.answer === undefined || entry.response === undefined) return done([], exchange)
    const {captures, failures} = checkAnswer(entry.response, exchange.answer, scope)
    for (const {redact, value} of captures) if (redact) run.redactor.add(rendered(value) ?? '')
    if (failures.length === 0) for (const {name, value} of captures) state.variables.set(name, value)
    return done(failures, exchange)
  } catch (error) {
    return done([failureOf(error)])
  }
}

/** False when the run would be over before; aborting ends it early, and the caller notices. */
async function pause(needs: SmokeNeeds, run: SmokeRun, millis: number): Promise<boolean> {
  if (millis === 0) return true
  if (needs.clock.monotonicMillis() + millis >= run.endsAt) return false
  await needs.clock.sleep(millis, needs.signal)
  return true
}

function failureOf(error: unknown): CheckFailure {
  if (!(error instanceof EvaluationFault)) throw error
  return {kind: 'request', position: error.position, expected: error.expected, actual: error.actual}
}

function outOfTime(entry: Entry, run: SmokeRun, before: string): AttemptResult {
  const actual = `the run was out of time before ${before} (${seconds(run.runTimeoutMillis)} a run)`
  const failure: CheckFailure = {
    kind: 'request',
    position: entry.request.url.position,
    expected: 'a response',
    actual,
  }
  return {attempt: {millis: 0, failures: 1}, failures: [failure], notes: []}
}

function seconds(millis: number): string {
  return `${millis / 1_000} s`
}
