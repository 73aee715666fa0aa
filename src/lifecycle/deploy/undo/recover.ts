import {refuse} from '../../../catalog/find.js'
import {keys} from '../../../catalog/keys.js'
import {type Stored} from '../../../catalog/collection.js'
import {type Deploy} from '../../../domain/deploy.js'
import {type Instance} from '../../../domain/instance.js'
import {type Binding} from '../../../domain/release.js'
import {recordAbandoned} from '../journal/abandoned.js'
import {againOnConflict} from '../again-on-conflict.js'
import {instancesOf, patienceOf} from '../instances.js'
import {giveBack} from './put-back.js'
import {retire} from './retire.js'
import {type DeployRun, type StepResult} from '../run.js'
import {reasonOf} from '../step-failure.js'
import {waitApplied} from '../wait.js'

/**
 * Mends what a killed or paused deploy left. The lock is held, so a deploy that still says `running` has nobody at work on
 * it. The release that the binding names stays the live one; every other instance leaves.
 */
export async function recover(run: DeployRun): Promise<StepResult> {
  const {artifacts, catalog} = run.needs
  const {environment, service} = run.target
  const ended = await markEnded(run)
  await run.pass('recover', 'marked')
  await artifacts.removeLeftovers(service)

  // Without the binding nobody knows which instances are the live ones: nothing may be ended then.
  const found = await catalog.bindings.get(keys.binding(environment.name, service), refuse)
  const binding = await settledBinding(run, found)
  run.before = binding
  run.live = binding?.active
  run.scale = (await catalog.scales.get(keys.scale(environment.name, service), refuse))?.record
  await run.update(binding === undefined ? {} : {before: binding.active, beforeBinding: binding})
  const strays = (await instancesOf(run)).map(({record}) => record).filter((one) => isStray(one, binding))
  await removeStrays(run, strays)
  await removeLostPorts(run)

  const mended = [
    ...ended.map(({number, outcome}) =>
      outcome === 'paused' ? `deploy ${number} was paused` : `deploy ${number} was interrupted`,
    ),
    ...(strays.length > 0 ? [`${strays.map(({id}) => id).join(', ')} removed`] : []),
  ]
  return mended.length === 0 ? {skipped: true, detail: 'nothing to mend'} : {detail: mended.join('; ')}
}

/**
 * The binding as it is to stay. A deploy that went from batch to batch and never came to the last one is taken back; one
 * that ended with hosts left out had two releases live on purpose.
 */
async function settledBinding(
  run: DeployRun,
  found: Stored<Binding> | undefined,
): Promise<Binding | undefined> {
  const {catalog} = run.needs
  const {environment, service} = run.target
  if (found?.record.joining === undefined) return found?.record
  const {deploy, joining} = found.record
  const mover = await catalog.deploys.get(keys.deploy(environment.name, service, deploy))
  if (mover?.record.outcome === 'partial') return found.record
  const before = mover?.record.beforeBinding ?? {...found.record, joining: undefined, staying: undefined}
  const key = keys.binding(environment.name, service)
  const revision = await againOnConflict(async () => {
    const present = await catalog.bindings.get(key, refuse)
    return present === undefined
      ? undefined
      : giveBack(run, present, before, ({release}) => release === joining)
  })
  if (revision !== undefined) await waitApplied(run, revision, {mayLag: true})
  return before
}

/** An operator may have drained or disabled an instance of the live release; it stays for them to enable it. */
function isStray({release, state, takenOutBy}: Instance, binding: Binding | undefined): boolean {
  if (binding === undefined || ![binding.active, binding.joining].includes(release)) return true
  if (state === 'draining') return takenOutBy === undefined
  return state !== 'up' && state !== 'disabled'
}

/** Returns the deploys that nobody is at work on any more, as they were. */
async function markEnded(run: DeployRun): Promise<Deploy[]> {
  const {catalog, clock} = run.needs
  const {environment, service} = run.target
  const {records} = await catalog.deploys.list(keys.deploys(environment.name, service))
  const finishedAt = clock.now().toISOString()
  const lost = records
    .map(({record}) => record)
    .filter(({number, outcome}) => isOpen(outcome) && number !== run.record.number)
  for (const deploy of lost) {
    const rows = await catalog.deploySteps.list(keys.deploySteps(environment.name, service, deploy.number))
    const steps = rows.records.map(({record}) => record)
    const running = steps.find(({outcome}) => outcome === 'running')
    const killed = running === undefined ? 'it was killed' : `it was killed in the step ${running.step}`
    const isPaused = deploy.outcome === 'paused'
    if (!isPaused) await recordAbandoned(run.needs, deploy, steps)
    await run.write(
      [],
      [
        catalog.deploys.put(keys.deploy(environment.name, service, deploy.number), {
          ...deploy,
          outcome: isPaused ? 'aborted' : 'interrupted',
          finishedAt,
          ...(!isPaused && {why: killed}),
          ...(!isPaused && running !== undefined && {failedStep: running.step}),
        }),
      ],
    )
  }
  return lost
}

function isOpen(outcome: Deploy['outcome']): boolean {
  return outcome === 'running' || outcome === 'paused'
}

/** A host that is away keeps its strays, which have no traffic, until a deploy finds it again. */
async function removeStrays(run: DeployRun, strays: readonly Instance[]): Promise<void> {
  for (const release of new Set(strays.map((stray) => stray.release))) {
    const ids = strays.filter((stray) => stray.release === release).map(({id}) => id)
    const patience = await patienceOf(run, release)
    try {
      await retire(run, ids, {step: 'recover', signal: run.signal, mayLag: run.isFleet, ...patience})
    } catch (error) {
      run.signal.throwIfAborted()
      if (!run.isFleet) throw error
      run.warnOnce(`not all that was left could be removed: ${reasonOf(error)}`)
    }
  }
}

/** A port that was reserved for an instance whose record was never written. */
export async function removeLostPorts(run: DeployRun): Promise<void> {
  const {catalog} = run.needs
  const {environment, hosts, service} = run.target
  const known = new Set((await instancesOf(run)).map(({record}) => record.id))
  for (const host of hosts) {
    const {records} = await catalog.ports.list(keys.ports(environment.name, host.name))
    const lost = records.filter(({record}) => isOwnedBy(service, record.owner) && !known.has(record.owner))
    const writes = lost.map(({record}) => ({delete: keys.port(environment.name, host.name, record.port)}))
    if (writes.length > 0) await run.write([], writes)
  }
}

/** `hello` doesn't own what `hello-r2d2` does. */
function isOwnedBy(service: string, owner: string): boolean {
  return (
    owner.startsWith(`${service}-r`) &&
    /^[1-9][0-9]{0,8}(?:\.[a-z0-9-]+(?:\.[0-9]+)?)?@/.test(owner.slice(service.length + 2))
  )
}
