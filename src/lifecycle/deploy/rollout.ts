import {absent} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {acquireLock} from '../../catalog/locks.js'
import {type Compare} from '../../contracts/store.js'
import {type Deploy, type DeployStepName} from '../../domain/deploy.js'
import {routerUrl} from '../../domain/instance-environment.js'
import {type Release, releaseId} from '../../domain/release.js'
import {YardError} from '../../errors.js'
import {drain} from './drain.js'
import {health} from './health.js'
import {move} from './move.js'
import {type RolloutNeeds} from './needs.js'
import {type DeployPlan} from './plan.js'
import {prepare} from './prepare.js'
import {prune} from './prune.js'
import {putBack} from './put-back.js'
import {recover} from './recover.js'
import {DeployRun, reasonOf, StepFailure, type StepSummary, type Target, withoutControls} from './run.js'
import {smokeNew} from './smoke-new.js'
import {start} from './start.js'

export interface DeployReport {
  service: string
  environment: string
  kind: Deploy['kind']
  deploy: number
  release: number
  ref: string
  commit: string
  dirty: boolean
  /** The release that had the traffic before. */
  before?: number
  instances: {id: string; host: string; address: string; port?: number}[]
  router: {url: string; header: string}
  millis: number
  steps: StepSummary[]
}

/** Takes the lock of the service in the environment, records the attempt, and puts things back when it fails. */
export async function rollOut(
  needs: RolloutNeeds,
  target: Target,
  plan: DeployPlan,
  makeRelease: (run: DeployRun) => Promise<void>,
): Promise<DeployReport> {
  const started = needs.clock.monotonicMillis()
  const {service, environment} = target
  const lock = await acquireLock(needs.catalog, needs.clock, needs.identity, {
    name: `deploy/${environment.name}/${service}`,
    purpose: `${plan.kind === 'deploy' ? 'deploy' : 'roll back'} ${service} in ${environment.name}`,
  })
  try {
    const run = new DeployRun(needs, target, lock, await nextRecord(needs, target, plan, lock.fence))
    await run.pass('recover', 'locked')
    await run.update({})
    return await runSteps(run, makeRelease, started)
  } finally {
    await lock.release()
  }
}

async function runSteps(
  run: DeployRun,
  makeRelease: (run: DeployRun) => Promise<void>,
  started: number,
): Promise<DeployReport> {
  try {
    await run.step('recover', 'Mend what an earlier deploy left', () => recover(run))
    await makeRelease(run)
    await bringUp(run, releaseOf(run))
  } catch (error) {
    const failure = error instanceof StepFailure ? error : new StepFailure(lastStep(run), error)
    if (!run.isFinal) throw await fail(run, failure)
    run.needs.report({kind: 'warning', text: `${failure.step}: ${reasonOf(failure.cause)}`})
  }
  await run.update({outcome: 'live', finishedAt: run.needs.clock.now().toISOString()})
  return reportOf(run, releaseOf(run), started)
}

/** For what goes wrong between two steps. */
function lastStep(run: DeployRun): DeployStepName {
  return run.steps.at(-1)?.step ?? 'recover'
}

/** From an unpacked release on, a deploy and a rollback are the same. */
async function bringUp(run: DeployRun, release: Release): Promise<void> {
  const {service, number} = release
  const id = releaseId(service, number)
  await run.step('unpack', `Unpack ${id}`, async () => {
    await run.needs.artifacts.unpack(release.artifact, service, number)
    return {}
  })
  await run.step('prepare', 'Run the release process', async () =>
    run.record.kind === 'rollback'
      ? {skipped: true, detail: `it ran when ${id} was new`}
      : prepare(run, release),
  )
  const beside = run.before === undefined ? '' : ` beside ${releaseId(service, run.before.active)}`
  await run.step('start', `Start ${id}${beside}`, () => start(run, release))
  await run.step('health', `Wait until ${id} is ready`, () => health(run, release))
  await run.step('move', `Move the traffic to ${id}`, () => move(run, release))
  await run.step('smoke', 'Run its smoke tests', () => smokeNew(run, release))
  await run.step('drain', 'Drain and stop the old release', () => drain(run, release))
  await run.step('prune', 'Remove old releases', () => prune(run, number))
}

async function nextRecord(
  needs: RolloutNeeds,
  {service, environment}: Target,
  plan: DeployPlan,
  fence: Compare,
): Promise<Deploy> {
  const {entries} = await needs.catalog.store.range(keys.deploys(environment.name, service))
  const newest = entries.map(({key}) => Number(key.slice(-9))).filter(Number.isInteger)
  const record: Deploy = {
    v: 1,
    number: Math.max(0, ...newest) + 1,
    service,
    environment: environment.name,
    kind: plan.kind,
    ref: plan.ref,
    commit: plan.commit,
    dirty: plan.dirty,
    ...(plan.release !== undefined && {release: plan.release}),
    by: needs.actor,
    host: needs.identity.host,
    startedAt: needs.clock.now().toISOString(),
    outcome: 'running',
  }
  const key = keys.deploy(environment.name, service, record.number)
  await needs.catalog.commit(
    `Can't deploy ${service}`,
    [fence, absent(key)],
    [needs.catalog.deploys.put(key, record)],
  )
  return record
}

/** Puts things back, keeps what happened, and returns what to tell. */
async function fail(run: DeployRun, {step, cause}: StepFailure): Promise<Error> {
  const {needs} = run
  const {clock} = needs
  const wasInterrupted = needs.signal.aborted
  const why = wasInterrupted ? 'it was interrupted' : reasonOf(cause)
  const lastLines = linesOf(cause)
  if (lastLines.length > 0) needs.report({kind: 'note', text: ['last lines:', ...lastLines].join('\n    ')})
  await putBack(run)
  const record = {finishedAt: clock.now().toISOString(), failedStep: step, why: why.slice(0, 1_900)}
  await run.update({...record, outcome: wasInterrupted ? 'interrupted' : 'failed'}).catch(() => undefined)
  if (wasInterrupted) return needs.signal.reason as Error
  if (!(cause instanceof YardError) && cause instanceof Error && isBug(cause)) return cause
  const {environment, service} = run.target
  const live = run.hasMoved ? run.release?.number : run.before?.active
  const liveText =
    live === undefined ? 'nothing of it is live' : `${releaseId(service, live)} has the traffic`
  return new YardError('E_DEPLOY_FAILED', {
    what: `${titleOf(run)} did not go live in ${environment.name}`,
    why: `${step}: ${why}; ${liveText}`,
    next: nextSteps(step, service, cause),
    cause,
    details: {
      step,
      service,
      environment: environment.name,
      deploy: run.record.number,
      why,
      lastLines,
      ...(live !== undefined && {live}),
    },
  })
}

/** A mistake in yard stays one: it is not the fault of the deploy. */
function isBug(error: Error): boolean {
  return (error instanceof TypeError || error instanceof ReferenceError) && !('code' in error)
}

function nextSteps(step: string, service: string, cause: unknown): [string, ...string[]] {
  if (cause instanceof YardError && cause.code !== 'E_STEP_FAILED') return [...cause.next]
  if (step === 'build' || step === 'prepare') return ['yard deploy   # once it is corrected and committed']
  if (step === 'smoke') return ['yard smoke', `yard logs tail ${service} --no-follow`]
  return [`yard logs tail ${service} --no-follow`, 'yard status']
}

function titleOf(run: DeployRun): string {
  return run.release === undefined ? run.target.service : releaseId(run.target.service, run.release.number)
}

/** Output of builds and services, made harmless for a terminal. */
function linesOf(cause: unknown): string[] {
  const lines = cause instanceof YardError ? cause.details?.['lastLines'] : undefined
  return Array.isArray(lines) ? lines.map((line) => withoutControls(String(line)).slice(0, 500)) : []
}

function releaseOf(run: DeployRun): Release {
  if (run.release === undefined) throw new Error('a deploy went on without a release')
  return run.release
}

function reportOf(run: DeployRun, release: Release, started: number): DeployReport {
  const {environment, service} = run.target
  return {
    service,
    environment: environment.name,
    kind: run.record.kind,
    deploy: run.record.number,
    release: release.number,
    ref: release.ref,
    commit: release.commit,
    dirty: release.dirty,
    ...(run.before !== undefined && {before: run.before.active}),
    instances: run.instances.map(({id, host, address, port}) => ({
      id,
      host,
      address,
      ...(port !== undefined && {port}),
    })),
    router: {url: routerUrl(environment), header: environment.router.header},
    millis: Math.round(run.needs.clock.monotonicMillis() - started),
    steps: run.steps,
  }
}
