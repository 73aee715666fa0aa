import {type Deploy, type DeployStepName} from '../../../domain/deploy.js'
import {localEnvironmentName} from '../../../domain/environment.js'
import {releaseId} from '../../../domain/release.js'
import {YardError} from '../../../errors.js'
import {putBack} from './put-back.js'
import {type DeployRun} from '../run.js'
import {isBug, linesOf, reasonOf, type StepFailure} from '../step-failure.js'
import {announce, runMoment} from '../telling.js'

/** In these something runs already that is worth to be looked at. */
const pausable: ReadonlySet<DeployStepName> = new Set([
  'start',
  'health',
  'verify',
  'move',
  'bake',
  'smoke',
  'drain',
])

/**
 * Puts things back, or leaves them as they are when the policy says so, keeps what happened, and returns what to tell.
 */
export async function fail(run: DeployRun, {step, cause}: StepFailure): Promise<Error> {
  const {needs} = run
  const wasInterrupted = needs.signal.aborted
  const why = wasInterrupted ? 'it was interrupted' : run.secrets.redact(reasonOf(cause))
  const lastLines = linesOf(cause, (line) => run.secrets.redact(line))
  if (lastLines.length > 0) needs.report({kind: 'note', text: ['last lines:', ...lastLines].join('\n    ')})
  const isPaused = run.onFailure === 'pause' && !wasInterrupted && pausable.has(step)
  if (!isPaused) await putBack(run)
  await run
    .update({
      ...(!isPaused && {finishedAt: needs.clock.now().toISOString()}),
      failedStep: step,
      why: why.slice(0, 1_900),
      outcome: wasInterrupted ? 'interrupted' : isPaused ? 'paused' : 'failed',
    })
    .catch(() => undefined)
  await runMoment(run, 'on-failure', {lastLines})
  announce(run, 'failed', lastLines)
  if (wasInterrupted) return needs.signal.reason as Error
  if (isBug(cause)) return cause
  return deployFailed(run, {step, cause, why, lastLines, isPaused})
}

/** For what goes wrong between two steps. */
export function lastStep(run: DeployRun): DeployStepName {
  return run.steps.at(-1)?.step ?? 'recover'
}

const notDone: Partial<Record<Deploy['kind'], string>> = {
  restart: 'was not restarted',
  scale: 'was not scaled',
}

interface Failed {
  step: DeployStepName
  cause: unknown
  why: string
  lastLines: string[]
  isPaused: boolean
}

function deployFailed(run: DeployRun, {cause, isPaused, lastLines, step, why}: Failed): YardError {
  const {environment, service} = run.target
  const {live} = run
  const liveText =
    live === undefined ? 'nothing of it is live' : `${releaseId(service, live)} has the traffic`
  const pausedText = isPaused ? '; everything stays as it is until somebody resumes or aborts it' : ''
  const host = cause instanceof YardError ? cause.details?.['host'] : undefined
  return new YardError('E_DEPLOY_FAILED', {
    what: `${titleOf(run)} ${notDone[run.record.kind] ?? 'did not go live'} in ${environment.name}`,
    why: `${step}: ${why}; ${liveText}${pausedText}`,
    next: isPaused ? pausedSteps(run) : nextSteps(step, run, cause),
    cause,
    details: {
      step,
      service,
      environment: environment.name,
      deploy: run.record.number,
      why,
      lastLines,
      ...(typeof host === 'string' && {host}),
      ...(isPaused && {paused: true}),
      ...(live !== undefined && {live}),
    },
  })
}

function pausedSteps({record, target}: DeployRun): [string, ...string[]] {
  const where = `${target.service} --env ${target.environment.name}`
  return [
    `yard deploy show ${record.number} --service ${where}`,
    `yard deploy resume ${record.number} --service ${where}`,
    `yard deploy abort ${record.number} --service ${where}`,
  ]
}

function nextSteps(step: string, {target}: DeployRun, cause: unknown): [string, ...string[]] {
  const {environment, service} = target
  if (cause instanceof YardError && cause.code !== 'E_STEP_FAILED') {
    const [first, ...others] = cause.next
    return [
      inEnvironment(first, environment.name),
      ...others.map((line) => inEnvironment(line, environment.name)),
    ]
  }
  const where = environment.name === localEnvironmentName ? '' : ` --env ${environment.name}`
  const logs = `yard logs tail ${service}${where} --no-follow`
  if (step === 'build' || step === 'prepare')
    return [`yard deploy${where}   # once it is corrected and committed`]
  if (step === 'smoke' || step === 'verify') return [`yard smoke${where}`, logs]
  return [logs, `yard status${where}`]
}

/** Who speaks of one host doesn't know where it belongs. */
function inEnvironment(line: string, environment: string): string {
  const isMeant = line.startsWith('yard host setup ') && !line.includes(' --env ')
  return isMeant ? line.replace(/^yard host setup \S+/, (start) => `${start} --env ${environment}`) : line
}

function titleOf(run: DeployRun): string {
  return run.release === undefined ? run.target.service : releaseId(run.target.service, run.release.number)
}
