import {keys} from '../../../catalog/keys.js'
import {type Instance} from '../../../domain/instance.js'
import {patienceOf, statusOf} from '../instances.js'
import {retire} from './retire.js'
import {type DeployRun} from '../run.js'

export interface LostInstance {
  id: string
  host: string
  /** Of the deploy, from 1; undefined where there is but one. */
  batch: number | undefined
}

/**
 * Ends what a deploy started and what ended by itself since, or isn't there any more: it is started anew when the deploy
 * goes on. Returns which.
 * @throws YardError when a host can't be asked
 */
export async function lostInstances(run: DeployRun): Promise<LostInstance[]> {
  const states = await Promise.all(
    run.instances.map(async (instance) => ({instance, isWell: await isWell(run, instance)})),
  )
  const lost = states.filter(({isWell: well}) => !well).map(({instance}) => instance)
  if (lost.length === 0) return []
  const ids = lost.map(({id}) => id)
  const how = {step: 'recover' as const, signal: run.signal}
  await retire(run, ids, {...how, ...(await patienceOf(run, run.release?.number ?? 0))})
  return lost.map(({host, id}) => ({id, host, batch: batchOf(run, host)}))
}

/** One that the catalog has just heard of is given to its host when the deploy goes on. */
async function isWell(run: DeployRun, instance: Instance): Promise<boolean> {
  const status = await statusOf(run, instance)
  if (status === undefined) return !(await wasStarted(run, instance))
  return status.running === 'running' && status.restarts === 0 && status.problem === undefined
}

async function wasStarted(run: DeployRun, {host}: Instance): Promise<boolean> {
  const {environment, service} = run.target
  const {records} = await run.needs.catalog.deploySteps.list(
    keys.deploySteps(environment.name, service, run.record.number),
  )
  const starts = records.map(({record}) => record).filter(({step}) => step === 'start')
  return starts.some(({batch, hosts, outcome}) =>
    hosts === undefined
      ? outcome === 'done' && batch === batchOf(run, host)
      : hosts.some((one) => one.host === host && one.outcome === 'done'),
  )
}

function batchOf({batches}: DeployRun, host: string): number | undefined {
  if (batches.length <= 1) return undefined
  return batches.findIndex((hosts) => hosts.some(({name}) => name === host)) + 1
}
