import {type Deploy, type DeployStepName} from '../../../domain/deploy.js'
import {localEnvironmentName} from '../../../domain/environment.js'
import {inEnvironment} from '../../../domain/next-line.js'
import {releaseId} from '../../../domain/release.js'
import {YardError} from '../../../errors.js'
import {putBack} from './put-back.js'
import {type DeployRun} from '../run.js'
import {hostsOf, isBug, isCatalogAway, linesOf, reasonOf, type StepFailure} from '../step-failure.js'
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
  if (cause instanceof YardError && cause.code === 'E_HOST_UNREACHABLE') {
    for (const host of hostsOf(cause)) run.laggingHosts.add(host)
  }
  const wasInterrupted = needs.signal.aborted
  const why = wasInterrupted ? reasonOf(needs.signal.reason) : run.secrets.redact(reasonOf(cause))
  const lastLines = linesOf(cause, (line) => run.secrets.redact(line))
  if (lastLines.length > 0) needs.report({kind: 'note', text: ['last lines:', ...lastLines].join('\n    ')})
  const isPaused = run.onFailure === 'pause' && !wasInterrupted && pausable.has(step)
  if (wasInterrupted) needs.report({kind: 'note', text: goingBack})
  let obstacle = isPaused ? undefined : await putBack(run)
  if (wasInterrupted && obstacle === undefined) needs.report({kind: 'note', text: wentBack})
  // Nobody may read that all was put back where nobody could: it stays as one that was killed.
  if (!isCatalogAway(obstacle)) {
    const ended = {
      ...(!isPaused && {finishedAt: needs.clock.now().toISOString()}),
      failedStep: step,
      why: why.slice(0, 1_900),
      outcome: wasInterrupted ? 'interrupted' : isPaused ? 'paused' : 'failed',
    } as const
    obstacle = await run.update(ended).catch((error: unknown) => error)
  }
  await runMoment(run, 'on-failure', {lastLines})
  announce(run, 'failed', lastLines)
  if (wasInterrupted) return needs.signal.reason as Error
  if (isBug(cause)) return cause
  if (isCatalogAway(obstacle)) return leftAsItIs(run, {step, why, obstacle})
  return deployFailed(run, {step, cause, why, lastLines, isPaused})
}

const goingBack = 'stopping: what was begun is put back now; a second Ctrl-C leaves that to the next run'
const wentBack = 'everything is as it was before'

/** Without the catalog nobody can go on, and nobody can go back: what has traffic keeps it. */
function leftAsItIs(run: DeployRun, {obstacle, step, why}: {obstacle: YardError; step: string; why: string}) {
  const {environment, service} = run.target
  const {number} = run.record
  const which = `${number} --service ${service} --env ${environment.name}`
  return new YardError('E_CATALOG_UNREACHABLE', {
    what: `Deploy ${number} of ${service} to ${environment.name} stopped halfway`,
    why: `${step}: ${why}; without the catalog nothing can be put back, so that all that runs goes on as it is`,
    next: [
      `yard deploy show ${which}   # once the catalog answers: where it stands, and how to go on or back`,
      ...obstacle.next,
    ],
    cause: obstacle,
    details: {step, service, environment: environment.name, deploy: number, why},
  })
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
  const hosts = hostsOf(cause)
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
      ...(hosts[0] !== undefined && {host: hosts[0]}),
      ...(hosts.length > 1 && {hosts}),
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

function nextSteps(
  step: string,
  {isFleet, record, target}: DeployRun,
  cause: unknown,
): [string, ...string[]] {
  const {environment, service} = target
  if (cause instanceof YardError && cause.code !== 'E_STEP_FAILED') {
    const [first, ...others] = cause.next
    return [
      inEnvironment(first, environment.name),
      ...others.map((line) => inEnvironment(line, environment.name)),
    ]
  }
  const where = environment.name === localEnvironmentName ? '' : ` --env ${environment.name}`
  const logs = isFleet
    ? `yard deploy show ${record.number} --service ${service}${where}`
    : `yard logs tail ${service}${where} --no-follow`
  if (step === 'build' || step === 'prepare')
    return [`yard deploy${where}   # once it is corrected and committed`]
  if (step === 'smoke' || step === 'verify') return [`yard smoke${where}`, logs]
  return [logs, isFleet ? `yard ps ${service}${where}` : `yard status${where}`]
}

function titleOf(run: DeployRun): string {
  return run.release === undefined ? run.target.service : releaseId(run.target.service, run.release.number)
}
