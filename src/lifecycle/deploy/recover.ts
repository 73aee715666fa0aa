import {refuse} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type Deploy} from '../../domain/deploy.js'
import {type Instance} from '../../domain/instance.js'
import {type Binding} from '../../domain/release.js'
import {instancesOf, patienceOf, retire} from './retire.js'
import {type DeployRun, type StepResult} from './run.js'

/**
 * Mends what a killed deploy left. The lock is held, so a deploy that still says `running` has nobody at work on
 * it. The release that the binding names stays the live one; every other instance leaves.
 */
export async function recover(run: DeployRun): Promise<StepResult> {
  const {artifacts, catalog} = run.needs
  const {environment, service} = run.target
  const interrupted = await markInterrupted(run)
  await run.pass('recover', 'marked')
  await artifacts.removeLeftovers(service)

  // Without the binding nobody knows which instances are the live ones: nothing may be ended then.
  const binding = await catalog.bindings.get(keys.binding(environment.name, service), refuse)
  run.before = binding?.record
  await run.update(binding === undefined ? {} : {before: binding.record.active})
  const strays = (await instancesOf(run))
    .map(({record}) => record)
    .filter((one) => isStray(one, binding?.record))
  await removeStrays(run, strays)
  await removeLostPorts(run)

  const mended = [
    ...interrupted.map(({number}) => `deploy ${number} was interrupted`),
    ...(strays.length > 0 ? [`${strays.map(({id}) => id).join(', ')} removed`] : []),
  ]
  return mended.length === 0 ? {skipped: true, detail: 'nothing to mend'} : {detail: mended.join('; ')}
}

/** An operator may have drained or disabled an instance of the live release; it stays for them to enable it. */
function isStray({release, state, takenOutBy}: Instance, binding: Binding | undefined): boolean {
  if (release !== binding?.active) return true
  if (state === 'draining') return takenOutBy === undefined
  return state !== 'up' && state !== 'disabled'
}

async function markInterrupted(run: DeployRun): Promise<Deploy[]> {
  const {catalog, clock} = run.needs
  const {environment, service} = run.target
  const {records} = await catalog.deploys.list(keys.deploys(environment.name, service))
  const finishedAt = clock.now().toISOString()
  const lost = records
    .map(({record}) => record)
    .filter(({number, outcome}) => outcome === 'running' && number !== run.record.number)
  for (const deploy of lost) {
    const rows = await catalog.deploySteps.list(keys.deploySteps(environment.name, service, deploy.number))
    const running = rows.records.map(({record}) => record).find(({outcome}) => outcome === 'running')
    const why = running === undefined ? 'it was killed' : `it was killed in the step ${running.step}`
    await run.write(
      [],
      [
        catalog.deploys.put(keys.deploy(environment.name, service, deploy.number), {
          ...deploy,
          outcome: 'interrupted',
          finishedAt,
          why,
          ...(running !== undefined && {failedStep: running.step}),
        }),
      ],
    )
  }
  return lost
}

async function removeStrays(run: DeployRun, strays: readonly Instance[]): Promise<void> {
  for (const release of new Set(strays.map((stray) => stray.release))) {
    const ids = strays.filter((stray) => stray.release === release).map(({id}) => id)
    await retire(run, ids, {step: 'recover', signal: run.signal, ...(await patienceOf(run, release))})
  }
}

/** A port that was reserved for an instance whose record was never written. */
async function removeLostPorts(run: DeployRun): Promise<void> {
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
    /^[1-9][0-9]{0,8}(?:\.[a-z0-9-]+)?@/.test(owner.slice(service.length + 2))
  )
}
