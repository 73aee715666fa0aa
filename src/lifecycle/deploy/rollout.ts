import {absent} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {acquireLock, type HeldLock} from '../../catalog/locks.js'
import {type Compare} from '../../contracts/store.js'
import {type Deploy} from '../../domain/deploy.js'
import {bringUp} from './bring-up.js'
import {fail, lastStep} from './undo/fail.js'
import {type RolloutNeeds} from './needs.js'
import {type DeployPlan} from './plan.js'
import {recover} from './undo/recover.js'
import {type DeployReport, reportOf} from './report.js'
import {DeployRun, type Target} from './run.js'
import {reasonOf, StepFailure} from './step-failure.js'
import {announce, runMoment} from './telling.js'

export {type DeployReport} from './report.js'

const purposes: Record<Deploy['kind'], string> = {
  deploy: 'deploy',
  promote: 'deploy',
  restart: 'restart',
  rollback: 'roll back',
  scale: 'scale',
}

/**
 * Takes the lock of the service in the environment, records the attempt, and puts things back when it fails.
 * @param makeRelease leaves the release in `run.release`; called once what an earlier deploy left is mended
 * @throws YardError E_DEPLOY_FAILED, E_LOCKED, E_INTERRUPTED
 */
export async function rollOut(
  needs: RolloutNeeds,
  target: Target,
  plan: DeployPlan,
  makeRelease: (run: DeployRun) => Promise<void>,
): Promise<DeployReport> {
  const purpose = `${purposes[plan.kind]} ${target.service} in ${target.environment.name}`
  return underLock(needs, target, purpose, async (lock, later) => {
    const run = new DeployRun(needs, target, lock, await nextRecord(needs, target, plan, lock.fence))
    await run.pass('recover', 'locked')
    await run.update({})
    announce(run, 'started')
    return endingWell(run, later, async () => {
      await run.step('recover', 'Mend what an earlier deploy left', () => recover(run))
      await makeRelease(run)
      await bringUp(run)
    })
  })
}

/** What is done when nobody waits for the lock any more. */
type Later = (() => Promise<void>)[]

/**
 * Does something while nobody else deploys the service in the environment.
 * @param purpose follows "Can't", for whoever comes meanwhile
 * @param work puts into its second argument what is left to do once the lock is free; none of that may throw
 * @throws YardError E_LOCKED
 */
export async function underLock<T>(
  needs: RolloutNeeds,
  {environment, service}: Target,
  purpose: string,
  work: (lock: HeldLock, later: Later) => Promise<T>,
): Promise<T> {
  const name = `deploy/${environment.name}/${service}`
  const lock = await acquireLock(needs.catalog, needs.clock, needs.identity, {name, purpose})
  const later: Later = []
  try {
    return await work(lock, later)
  } finally {
    await letGo(needs, lock, name).finally(async () => {
      for (const task of later) await task()
      // Those who are told of it get a little time.
      await needs.announcer?.settle()
    })
  }
}

/** Where the catalog is away, the lock goes by itself: what became of the work is not another thing for that. */
async function letGo({report}: RolloutNeeds, lock: HeldLock, name: string): Promise<void> {
  await lock.release().catch((error: unknown) => {
    const text = `the lock ${name} could not be given back, and is free within 40 s: ${reasonOf(error)}`
    report({kind: 'warning', text})
  })
}

/** Does what is left of a deploy, and records how it ended; what fails is put back as its policy says. */
export async function endingWell(
  run: DeployRun,
  later: Later,
  work: () => Promise<void>,
): Promise<DeployReport> {
  const started = run.needs.clock.monotonicMillis()
  try {
    try {
      await work()
    } catch (error) {
      const failure = error instanceof StepFailure ? error : new StepFailure(lastStep(run), error)
      if (!run.isFinal) throw await fail(run, failure)
      run.needs.report({kind: 'warning', text: `${failure.step}: ${reasonOf(failure.cause)}`})
    }
    const isWhole = run.failedHosts.size === 0 && run.target.leftOut.length === 0
    await run.update({
      outcome: isWhole ? 'live' : 'partial',
      finishedAt: run.needs.clock.now().toISOString(),
    })
    const isRollback = run.record.kind === 'rollback'
    await runMoment(run, isRollback ? 'on-rollback' : 'after-deploy')
    announce(run, isRollback ? 'rolled-back' : 'succeeded')
    return reportOf(run, started)
  } finally {
    await run.close()
    later.push(...run.closers.splice(0))
  }
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
    strategy: plan.strategy,
    batches: plan.batches,
    onFailure: plan.onFailure,
    ...(plan.webSocketMillis !== undefined && {webSocketMillis: plan.webSocketMillis}),
    ...(plan.promotedFrom !== undefined && {promotedFrom: plan.promotedFrom}),
    ...(plan.scale !== undefined && {scale: plan.scale}),
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
